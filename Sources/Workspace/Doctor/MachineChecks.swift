internal import Foundation
internal import Settings
internal import Values

// What the machine gives to this process, where that is less than the machine has.

extension Doctor {
  @Sendable func machine() -> [Finding] {
    [memory, processors, files, processes] + size
  }

  private var memory: Finding {
    let whole = Int64(clamping: ProcessInfo.processInfo.physicalMemory)
    guard let limit = Cgroup.current.memoryBytes, limit < whole else {
      return Finding("memory", .ok, ByteSize.text(whole))
    }
    let detail = "\(ByteSize.text(limit)) of \(ByteSize.text(whole)): a limit of the control group"
    if let set = layout.settings.size(.memory), set <= limit { return Finding("memory", .ok, detail) }
    return Finding("memory", .warning, detail, fix: "assay config set run.memory \(limit >> 20)MiB --user")
  }

  private var processors: Finding {
    let whole = ProcessInfo.processInfo.activeProcessorCount
    guard let limit = Cgroup.current.processors, limit < Double(whole) else {
      return Finding("processors", .ok, "\(whole)")
    }
    let detail = "\(String(format: "%g", limit)) of \(whole): a limit of the control group"
    if let set = layout.settings.integer(.parallel), Double(set) <= limit.rounded(.up) {
      return Finding("processors", .ok, detail)
    }
    return Finding(
      "processors", .warning, detail, fix: "assay config set run.parallel \(Int(limit.rounded(.up))) --user")
  }

  private var files: Finding {
    let limit = Self.limit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue))
    guard limit < 1024 else { return Finding("limit.files", .ok, Self.words(limit) + " open files") }
    return Finding("limit.files", .warning, "only \(limit) open files", fix: "ulimit -n 4096")
  }

  private var processes: Finding {
    let limit = Self.limit(__rlimit_resource_t(__RLIMIT_NPROC.rawValue))
    guard limit < 256 else { return Finding("limit.processes", .ok, Self.words(limit) + " processes") }
    return Finding("limit.processes", .warning, "only \(limit) processes", fix: "ulimit -u 4096")
  }

  /// Said only when there is a limit: nobody expects one.
  private var size: [Finding] {
    let limit = Self.limit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue))
    guard limit < Int64.max else { return [] }
    return [
      Finding(
        "limit.file-size", .warning, "files end at \(ByteSize.text(limit)): larger results fail",
        fix: "ulimit -f unlimited")
    ]
  }

  private static func limit(_ resource: __rlimit_resource_t) -> Int64 {
    var limit = rlimit()
    return getrlimit(resource, &limit) == 0 ? Int64(clamping: limit.rlim_cur) : .max
  }

  private static func words(_ limit: Int64) -> String { limit == .max ? "unlimited" : "\(limit)" }
}

/// The limits of the control groups in which this process is (version 2; of version 1 the memory).
struct Cgroup: Equatable {
  var memoryBytes: Int64?
  var processors: Double?

  static var current: Cgroup {
    // These files have no size: they have to be read to their end.
    func text(_ path: String) -> String? {
      FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
    return Cgroup(text("/proc/self/cgroup") ?? "") { text("/sys/fs/cgroup" + $0) }
  }

  /// - Parameters:
  ///   - own: `/proc/self/cgroup`.
  ///   - read: a file below `/sys/fs/cgroup`, or nil.
  init(_ own: String, read: (String) -> String?) {
    let lines = own.split(separator: "\n")
    func take(_ text: String?) -> String? { text?.split(whereSeparator: \.isWhitespace).first.map(String.init) }
    if let path = lines.first(where: { $0.hasPrefix("0::") })?.dropFirst(3) {
      // The tightest limit on the way to the root counts.
      for folder in Layout.parents(of: String(path)).map({ $0 == "/" ? "" : $0 }) {
        if let bytes = take(read(folder + "/memory.max")).flatMap({ Int64($0) }) {
          memoryBytes = min(memoryBytes ?? .max, bytes)
        }
        let quota = read(folder + "/cpu.max")?.split(whereSeparator: \.isWhitespace).compactMap { Double($0) } ?? []
        if quota.count == 2, quota[1] > 0 { processors = min(processors ?? .infinity, quota[0] / quota[1]) }
      }
    }
    if memoryBytes == nil, let path = lines.first(where: { $0.contains(":memory:") })?.split(separator: ":").last {
      memoryBytes = take(read("/memory" + path + "/memory.limit_in_bytes")).flatMap { Int64($0) }
    }
  }
}
