internal import Processes

/// Where the parts of a worker are, and how many there may be.
package struct WorkerConfiguration: Sendable {
  /// The `assay-worker` program.
  package var worker: String
  /// The Python bridge (`libassay-python.so`), or nil: Python tasks run in their interpreter's own process.
  package var bridge: String?
  /// The bridge that calls functions by manifest (`libassay-functions.so`), or nil: there is none.
  package var functions: String?
  /// The directory that holds the `assay` package for Python, or nil: there is no Python.
  package var sdk: String?
  /// Never embed Python, also where a shared libpython is there.
  package var avoidsBridge: Bool
  /// Worker processes alive at once; a thread that needs one more waits.
  package var maximumProcesses: Int
  /// Idle processes kept for later; the one unused for longest goes first.
  package var maximumIdle: Int
  /// How long loading a plugin may take: imports of large Python packages included.
  package var loadLimit: Duration
  /// The variables of the processes.
  package var environment: [String: String]

  package init(
    worker: String, bridge: String? = nil, functions: String? = nil, sdk: String? = nil, avoidsBridge: Bool = false,
    maximumProcesses: Int = 64,
    maximumIdle: Int = 16, loadLimit: Duration = .seconds(120), environment: [String: String]? = nil
  ) {
    self.worker = worker
    self.bridge = bridge
    self.functions = functions
    self.sdk = sdk
    self.avoidsBridge = avoidsBridge
    self.maximumProcesses = max(1, maximumProcesses)
    self.maximumIdle = max(0, maximumIdle)
    self.loadLimit = loadLimit
    self.environment = environment ?? Command.environment
  }
}
