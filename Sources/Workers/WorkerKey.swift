internal import Processes
internal import Tasks
internal import Values

/// What makes two workers interchangeable.
struct WorkerKey: Hashable, Sendable {
  var source: PluginSource
  /// Bytes of address space, 0: no limit.
  var memoryLimit: Int64
}

/// How a worker for a source is started and what it loads.
struct LaunchPlan: Equatable {
  var arguments: [String]
  var path: String
  var source: String
  var options: [String]

  /// The message says what is missing.
  init(_ source: PluginSource, _ configuration: WorkerConfiguration) throws(Failure) {
    let socket = ["--socket", "3"]
    switch source.kind {
    case .python: break
    case .sharedObject:
      arguments = [configuration.worker] + socket
      path = source.path
      self.source = ""
      options = []
      return
    case .functions:
      guard let bridge = configuration.functions, let program = source.program else {
        throw Failure(.load, "libassay-functions.so is not installed with this engine: \(source.path) cannot be loaded")
      }
      arguments = [configuration.worker] + socket
      path = bridge
      self.source = source.path
      options = ["program=\(program.text)"]
      return
    }
    guard let interpreter = source.interpreter else {
      throw Failure(.load, "no Python interpreter was chosen for \(source.path)")
    }
    guard let sdk = configuration.sdk else {
      throw Failure(.load, "the Python kit is not installed with this engine: \(source.path) cannot be loaded")
    }
    self.source = source.path
    options = ["python=\(interpreter.executable)", "sdk=\(sdk)"]
    if let library = interpreter.library, let bridge = configuration.bridge, !configuration.avoidsBridge {
      arguments = [configuration.worker] + socket
      path = bridge
      options.append("libpython=\(library)")
    } else {
      arguments = [interpreter.executable, "-I", sdk + "/assay/worker.py"] + socket
      path = ""
    }
  }
}
