internal import Processes
package import Tasks
package import Values

/// Judges what a task gave against what it declares. Nothing a worker says is believed.
package struct OutputCheck {
  private let call: Invocation
  private var directory: String?
  private var dimensions: [String: Int] = [:]

  package init(_ call: Invocation) { self.call = call }

  /// The outputs as the engine keeps them: ints widened where the port says float, files with their real size.
  package mutating func accept(_ outputs: [Value?]) throws(Failure) -> [Value?] {
    let ports = call.task.outputs
    guard outputs.count == ports.count else {
      throw contract("\(call.task.signature.id) gave \(outputs.count) outputs, it declares \(ports.count)", "")
    }
    // Small values of the declared kind are what they should be: nothing of the ports has to be looked at.
    let arePlain = ports.indices.allSatisfy { index in outputs[index].map { ports[index].type.isPlainly($0) } ?? false }
    if arePlain { return outputs }
    if ports.contains(where: { $0.type.namesDimensions }) {
      for (port, input) in zip(call.task.signature.inputs, call.inputs) {
        _ = port.type.check(input, dimensions: &dimensions)
      }
    }
    var result: [Value?] = []
    result.reserveCapacity(outputs.count)
    for index in ports.indices { result.append(try accept(outputs[index], ports[index])) }
    return result
  }

  private mutating func accept(_ output: Value?, _ port: Port) throws(Failure) -> Value? {
    guard let output else {
      if port.isOptional || port.type.isOptional { return nil }
      throw contract("output `\(port.name)` was not set", port.name)
    }
    if case .null = output, port.isOptional { return nil }
    let value = try settle(port.type.coerced(output), port)
    if let problem = port.type.check(value, dimensions: &dimensions) {
      throw contract("output `\(port.name)`: \(problem)", port.name)
    }
    return value
  }

  /// Checks the files inside a value.
  private mutating func settle(_ value: Value, _ port: Port) throws(Failure) -> Value {
    switch value {
    case .file(let file): return .file(try settle(file, port, isDirectory: false))
    case .directory(let file): return .directory(try settle(file, port, isDirectory: true))
    case .list(let items):
      guard items.contains(where: \.mayHoldFiles) else { return value }
      var settled: [Value] = []
      for item in items { settled.append(try settle(item, port)) }
      return .list(settled)
    case .record(let fields):
      guard fields.contains(where: { $0.value.mayHoldFiles }) else { return value }
      var settled: [Value.Field] = []
      for field in fields { settled.append(.init(field.name, try settle(field.value, port))) }
      return .record(settled)
    default: return value
    }
  }

  /// A file that the task made inside its directory, or one that it was given.
  private mutating func settle(
    _ file: FileReference, _ port: Port, isDirectory: Bool
  ) throws(Failure) -> FileReference {
    if let given = call.inputs.lazy.compactMap({ $0.file(at: file.path) }).first { return given }
    guard let real = Files.realPath(file.path), let stamp = Files.stamp(real) else {
      throw contract("output `\(port.name)`: there is no file \(file.path)", port.name)
    }
    if directory == nil { directory = Files.realPath(call.temporaryDirectory) }
    guard let directory, real.hasPrefix(directory + "/") else {
      throw contract(
        "output `\(port.name)`: \(file.path) lies outside the task's directory \(call.temporaryDirectory)", port.name)
    }
    guard isDirectory ? stamp.isDirectory : stamp.isRegular else {
      throw contract(
        "output `\(port.name)`: \(file.path) is no \(isDirectory ? "directory" : "regular file")", port.name)
    }
    // A digest is the store's to compute.
    return FileReference(path: real, size: isDirectory ? file.size : stamp.size, mediaType: file.mediaType)
  }

  private func contract(_ message: String, _ port: String) -> Failure { Failure(.contract, message, port: port) }
}

extension Value {
  fileprivate var mayHoldFiles: Bool {
    switch self {
    case .file, .directory, .list, .record: true
    default: false
    }
  }

  /// The file of this path inside the value, or nil.
  fileprivate func file(at path: String) -> FileReference? {
    switch self {
    case .file(let file), .directory(let file): file.path == path ? file : nil
    case .list(let items): items.lazy.compactMap { $0.file(at: path) }.first
    case .record(let fields): fields.lazy.compactMap { $0.value.file(at: path) }.first
    default: nil
    }
  }
}

extension ValueType {
  /// A scalar of exactly this type, without limits.
  fileprivate func isPlainly(_ value: Value) -> Bool {
    switch (self, value) {
    case (.int(nil), .int), (.float(nil), .float), (.bool, .bool), (.string, .string): true
    default: false
    }
  }

  /// A named dimension stands in it, which ties it to other ports.
  fileprivate var namesDimensions: Bool {
    switch self {
    case .tensor(_, let shape?): shape.contains { if case .named = $0 { true } else { false } }
    case .list(let inner), .optional(let inner): inner.namesDimensions
    case .record(let fields): fields.contains { $0.type.namesDimensions }
    default: false
    }
  }
}
