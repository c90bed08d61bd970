/// A unit of work: a struct whose `@In` properties are its inputs and whose `@Out` properties are its outputs.
///
/// A fresh value is made for each attempt, its inputs are filled in, `run` is called once, and what its outputs then
/// hold is handed to the engine. `run` may be called on any thread, and several attempts may run at the same time
/// unless the task says `.process`.
public protocol AssayTask: SendableMetatype {
  /// Name, version and promises.
  static var task: TaskInfo { get }
  /// Written by the compiler when every property has a wrapper or a default.
  init()
  /// Does the work. Whatever it throws ends the attempt as a failure; see `TaskFailure`.
  mutating func run(_ context: Context) throws
}

/// What a task declares about itself.
public struct TaskInfo: Sendable {
  /// Promises that the engine relies on; see `Traits`.
  public struct Traits: OptionSet, Sendable {
    /// The bits of the ABI.
    public let rawValue: UInt32
    /// Makes a set from the bits of the ABI.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Outputs depend on inputs and seed only: results may be reused.
    public static let pure = Traits(rawValue: 1)
    /// … and are the same bytes each time.
    public static let deterministic = Traits(rawValue: 2)
    /// Running twice does no harm: safe to run again after a crash.
    public static let idempotent = Traits(rawValue: 4)
    /// Uses the network.
    public static let network = Traits(rawValue: 8)
    /// Reads files other than its inputs and its temporary directory.
    public static let readsFiles = Traits(rawValue: 16)
    /// Starts processes.
    public static let spawns = Traits(rawValue: 32)
    /// Understands `Context.resume`.
    public static let resumable = Traits(rawValue: 64)
  }

  /// How many attempts may run at the same time in one process.
  public enum Threading: UInt32, Sendable {
    /// One in the whole process.
    case process = 0
    /// Any number.
    case free = 2
  }

  var id, version, title, doc, phase: String
  var traits: Traits
  var threading: Threading
  var secrets: [String]
  var cpu: Double
  var memoryBytes: UInt64

  /// - Parameters:
  ///   - id: `<plugin id>.<name>`, e.g. `demo.standardise`.
  ///   - version: semantic version; raise it when results change.
  ///   - phase: default MLOps phase of steps that use the task: `acquisition`, `preparation`, `development`…
  ///   - secrets: the names it may ask for with `Context.secret`.
  ///   - cpu: cores it keeps busy, 0: unknown.
  ///   - memoryBytes: what it typically needs, 0: unknown.
  public init(
    _ id: String, version: String, title: String = "", phase: String = "", traits: Traits = [],
    threading: Threading = .free, secrets: [String] = [], cpu: Double = 0, memoryBytes: UInt64 = 0, doc: String = ""
  ) {
    self.id = id
    self.version = version
    self.title = title
    self.doc = doc
    self.phase = phase
    self.traits = traits
    self.threading = threading
    self.secrets = secrets
    self.cpu = cpu
    self.memoryBytes = memoryBytes
  }
}
