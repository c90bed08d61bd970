public import CAssay
internal import Synchronization

/// What the engine hands to a plugin when it loads it.
public typealias AssayLoader = UnsafePointer<assay_loader>?
/// What a plugin answers.
public typealias AssayDescription = UnsafePointer<assay_plugin>?

/// A set of tasks in one shared object.
///
/// ```swift
/// let plugin = Plugin(id: "demo", version: "1.0.0", tasks: [Standardise.self])
///
/// @c(assay_plugin_entry)
/// public func entry(_ loader: AssayLoader) -> AssayDescription { plugin.enter(loader) }
/// ```
/// Declarations live for the rest of the process: the engine never unloads a plugin.
public final class Plugin: @unchecked Sendable {
  // Immutable after init, which is why it may be shared.
  private let description: UnsafePointer<assay_plugin>

  /// Declares a plugin. `id` is the prefix of the ids of its tasks.
  public init(id: String, version: String, license: String = "", doc: String = "", tasks: [any AssayTask.Type]) {
    let descriptions = tasks.map { type -> UnsafePointer<assay_task>? in
      let handler = Handler(type)
      handlers.withLock { $0[handler.info.id] = handler }
      return immortal(handler.describe())
    }
    var plugin = assay_plugin()
    plugin.struct_size = UInt32(MemoryLayout<assay_plugin>.size)
    plugin.generation = generation
    plugin.revision = 2
    plugin.requires_revision = 1
    plugin.id = cString(id)
    plugin.version = cString(version)
    plugin.license = cString(license)
    plugin.doc = cString(doc)
    plugin.tasks = immortal(descriptions)
    plugin.n_tasks = UInt64(descriptions.count)
    description = immortal(plugin)
  }

  /// Answers the engine, or refuses one that speaks another generation of the ABI.
  public func enter(_ loader: AssayLoader) -> AssayDescription {
    guard let loader else { return nil }
    let range = (loader.pointee.generation_min, loader.pointee.generation_max)
    if range.0 <= generation, generation <= range.1 { return description }
    let reason =
      "the plugin speaks generation \(generation) of the ABI, the engine \(range.0) to \(range.1): "
      + (range.0 > generation ? "rebuild the plugin with a newer kit" : "use a newer engine")
    loader.pointee.refuse?(loader, reason)
    return nil
  }
}

private let generation: UInt32 = 1

/// Tasks by id: `create` finds the Swift type of the declaration that the engine names.
private let handlers = Mutex<[String: Handler]>([:])

/// The C side of one task type.
private final class Handler: Sendable {
  let type: any AssayTask.Type
  let info: TaskInfo
  let inputs: [PortInfo]
  let outputs: [PortInfo]

  init(_ type: any AssayTask.Type) {
    self.type = type
    info = type.task
    let children = Mirror(reflecting: type.init()).children
    inputs = children.compactMap { ($0.value as? any InputPort)?.info }
    outputs = children.compactMap { ($0.value as? any OutputPort)?.info }
  }

  func describe() -> assay_task {
    var task = assay_task()
    task.struct_size = UInt32(MemoryLayout<assay_task>.size)
    task.flags = info.traits.rawValue
    task.threads = info.threading.rawValue
    task.id = cString(info.id)
    task.version = cString(info.version)
    task.title = cString(info.title)
    task.doc = cString(info.doc)
    task.phase = cString(info.phase)
    task.inputs = immortal(inputs.map { immortal(port($0)) })
    task.n_inputs = UInt32(inputs.count)
    task.outputs = immortal(outputs.map { immortal(port($0)) })
    task.n_outputs = UInt32(outputs.count)
    if !info.secrets.isEmpty { task.secrets = immortal(info.secrets.map { Optional(cString($0)) } + [nil]) }
    task.cpu = info.cpu
    task.memory_bytes = info.memoryBytes
    task.create = createTask
    task.run = runTask
    return task
  }

  private func port(_ info: PortInfo) -> assay_port {
    var port = assay_port()
    port.struct_size = UInt32(MemoryLayout<assay_port>.size)
    port.flags = info.isOptional ? ASSAY_PORT_OPTIONAL : 0
    port.name = cString(info.name)
    port.type = cString(info.type)
    port.doc = cString(info.doc)
    port.unit = cString(info.unit)
    port.default_json = info.defaultJSON.map(cString)
    return port
  }

  /// One attempt: inputs in, work, outputs out.
  func run(_ scope: Scope) throws {
    let context = Context(scope: scope)
    context.outputNames = outputs.map(\.name)
    defer {
      context.end()
      scope.end()
    }
    try type.attempt(scope, context)
  }
}

extension AssayTask {
  /// Inputs in, work, outputs out.
  fileprivate static func attempt(_ scope: Scope, _ context: Context) throws {
    var task = Self()
    let run = scope.run.pointee
    let inputs = Mirror(reflecting: task).children.compactMap { $0.value as? any InputPort }
    for (index, port) in inputs.enumerated() {
      let given = index < Int(run.n_inputs) ? run.inputs.map { Incoming(raw: $0 + index, scope: scope) } : nil
      try port.fill(given)
    }
    try task.run(context)
    let outputs = Mirror(reflecting: task).children.compactMap { $0.value as? any OutputPort }
    for (index, port) in outputs.enumerated() {
      guard let value = try port.encode(scope, port: UInt32(index)) else { continue }
      try scope.output(UInt32(index), value)
    }
  }
}

/// `assay_task.create`: the instance is the handler itself, which is never freed.
private func createTask(
  _ host: UnsafePointer<assay_host>?, _ task: UnsafePointer<assay_task>?, _ configuration: UnsafePointer<assay_value>?,
  _ instance: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> assay_status {
  guard let id = task?.pointee.id, let handler = handlers.withLock({ $0[String(cString: id)] }) else {
    return ASSAY_E_CONTRACT
  }
  instance?.pointee = Unmanaged.passUnretained(handler).toOpaque()
  return ASSAY_OK
}

/// `assay_task.run`.
private func runTask(_ instance: UnsafeMutableRawPointer?, _ run: UnsafePointer<assay_run>?) -> assay_status {
  guard let instance, let run, let host = run.pointee.host else { return ASSAY_E_CONTRACT }
  let scope = Scope(run: run, host: host)
  do {
    try Unmanaged<Handler>.fromOpaque(instance).takeUnretainedValue().run(scope)
    return ASSAY_OK
  } catch let refusal as EngineRefusal {
    return refusal.status
  } catch {
    return scope.fail(.from(error))
  }
}

/// A declaration that lives as long as the process.
private func immortal<T>(_ value: T) -> UnsafePointer<T> {
  let pointer = UnsafeMutablePointer<T>.allocate(capacity: 1)
  pointer.initialize(to: value)
  return UnsafePointer(pointer)
}

private func immortal<T>(_ values: [T]) -> UnsafePointer<T> {
  let pointer = UnsafeMutablePointer<T>.allocate(capacity: max(values.count, 1))
  pointer.initialize(from: values, count: values.count)
  return UnsafePointer(pointer)
}
