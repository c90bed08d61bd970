package import Values

/// What a task declares: the contract between a plugin, the checker and the engine.
package struct TaskSignature: Sendable, Equatable {
  /// `std.table.read_csv`.
  package var id: String
  /// Semantic version of the task, part of the task key.
  package var version: String
  package var title: String
  package var doc: String
  /// Default MLOps phase, or empty.
  package var phase: String
  package var traits: TaskTraits
  package var threading: Threading
  package var inputs: [Port]
  package var outputs: [Port]
  /// Fields of the task's configuration record: named like inputs in a call, handed over once at creation.
  package var configuration: [Port]
  /// Names of the secrets that the task may ask for.
  package var secrets: [String]
  package var resources: Resources

  package init(
    id: String, version: String, title: String = "", doc: String = "", phase: String = "", traits: TaskTraits = [],
    threading: Threading = .process, inputs: [Port] = [], outputs: [Port] = [], configuration: [Port] = [],
    secrets: [String] = [], resources: Resources = Resources()
  ) {
    self.id = id
    self.version = version
    self.title = title
    self.doc = doc
    self.phase = phase
    self.traits = traits
    self.threading = threading
    self.inputs = inputs
    self.outputs = outputs
    self.configuration = configuration
    self.secrets = secrets
    self.resources = resources
  }

  /// Everything a call may name: inputs first, then configuration fields.
  package var parameters: [Port] { inputs + configuration }
}

/// A named, typed place where a value goes in or comes out.
package struct Port: Sendable, Equatable {
  package var name: String
  package var type: ValueType
  package var doc: String
  package var unit: String
  package var `default`: Value?
  package var isOptional: Bool

  package init(
    _ name: String, _ type: ValueType, doc: String = "", unit: String = "", default: Value? = nil,
    isOptional: Bool = false
  ) {
    self.name = name
    self.type = type
    self.doc = doc
    self.unit = unit
    self.default = `default`
    self.isOptional = isOptional
  }

  /// A call has to give it.
  package var isRequired: Bool {
    if case .optional = type { return false }
    return !isOptional && self.default == nil
  }
}

/// Promises of a task (the `ASSAY_PURE`… bits of the ABI).
package struct TaskTraits: OptionSet, Sendable, Hashable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Outputs depend on inputs, configuration and seed only: a result may be reused.
  package static let pure = TaskTraits(rawValue: 1)
  /// … and are the same bytes each time.
  package static let deterministic = TaskTraits(rawValue: 2)
  /// Running twice does no harm: safe to run again after a crash.
  package static let idempotent = TaskTraits(rawValue: 4)
  /// Has one of these: may be run again.
  package var areRepeatable: Bool { !isDisjoint(with: [.pure, .idempotent]) }
  package static let network = TaskTraits(rawValue: 8)
  package static let readsFiles = TaskTraits(rawValue: 16)
  package static let spawns = TaskTraits(rawValue: 32)
  package static let resumable = TaskTraits(rawValue: 64)

  /// The words used in describe documents and on screen, in bit order.
  package static let names = [
    "pure", "deterministic", "idempotent", "network", "reads_files", "spawns", "resumable",
  ]
  package var words: [String] {
    Self.names.enumerated().filter { rawValue >> UInt32($0.offset) & 1 == 1 }.map(\.element)
  }
}

package enum Threading: String, Sendable { case process, instance, free, affine }

/// What an attempt needs, as admission limits. Zero: nothing declared.
package struct Resources: Sendable, Hashable {
  package var cpu: Double
  package var memoryBytes: Int64
  package var gpu: Int

  package init(cpu: Double = 0, memoryBytes: Int64 = 0, gpu: Int = 0) {
    self.cpu = cpu
    self.memoryBytes = memoryBytes
    self.gpu = gpu
  }
}

/// Where a plugin comes from and what it runs in.
package struct PluginSource: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable {
    /// A shared object with the C ABI.
    case sharedObject
    /// A Python file with `@task` functions.
    case python
    /// A manifest that binds functions of any shared objects.
    case functions
  }

  package var kind: Kind
  /// Absolute path of the `.so`, `.py` or `.functions.toml`.
  package var path: String
  /// The interpreter of a Python plugin.
  package var interpreter: Interpreter?
  /// What the manifest of functions says, for the bridge.
  package var program: CallProgram?

  package init(kind: Kind, path: String, interpreter: Interpreter? = nil, program: CallProgram? = nil) {
    self.kind = kind
    self.path = path
    self.interpreter = interpreter
    self.program = program
  }
}

/// A lowered manifest of functions: what a worker is to call.
package struct CallProgram: Hashable, Sendable {
  package var text: String
  /// Digest of the text without what only says where things are written; part of the task key.
  package var identity: Digest
  /// The libraries that it names by path.
  package var files: [String]

  package init(text: String, identity: Digest, files: [String]) {
    self.text = text
    self.identity = identity
    self.files = files
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(identity) }
}

/// A Python environment, ready to run.
package struct Interpreter: Hashable, Sendable {
  /// `…/bin/python` of the environment.
  package var executable: String
  /// Shared libpython to embed, or nil: exec the executable instead.
  package var library: String?
  /// `3.11.2`.
  package var version: String
  /// Digest of the lock that the environment was built from; part of the task key.
  package var lock: Digest
  /// The lines of the lock (`numpy==2.1.0`); empty for a base interpreter.
  package var packages: [String]

  package init(executable: String, library: String?, version: String, lock: Digest, packages: [String] = []) {
    self.executable = executable
    self.library = library
    self.version = version
    self.lock = lock
    self.packages = packages
  }

  /// The lock stands for the packages.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(executable)
    hasher.combine(lock)
  }
}

/// A task that can be run here: its signature and where it is. A class: every call of it refers to it.
package final class InstalledTask: Sendable, Equatable {
  package let signature: TaskSignature
  package let source: PluginSource
  /// Position in the plugin's task list.
  package let index: Int
  /// Digest of the code that runs (plugin and the libraries it loads, or the Python module and its environment).
  package let code: Digest
  /// What `code` was computed from, for the record.
  package let parts: [CodePart]

  package init(
    signature: TaskSignature, source: PluginSource, index: Int, code: Digest, parts: [CodePart] = []
  ) {
    self.signature = signature
    self.source = source
    self.index = index
    self.code = code
    self.parts = parts
  }

  // Read for each call, by all lanes at once: the whole signature would be copied, with a count of references for each field.
  package var traits: TaskTraits { signature.traits }
  package var inputs: [Port] { signature.inputs }
  package var configuration: [Port] { signature.configuration }
  package var outputs: [Port] { signature.outputs }
  package var hasSecrets: Bool { !signature.secrets.isEmpty }

  package static func == (a: InstalledTask, b: InstalledTask) -> Bool {
    a === b || (a.signature == b.signature && a.source == b.source && a.index == b.index && a.code == b.code)
  }
}
