internal import Events
internal import Foundation
internal import Values

/// What a run takes from the process that it begins in. Asking costs a millisecond: the trials of an experiment share it.
struct ProcessFacts: Sendable {
  let facts = Machine.facts()
  let user = Workspace.user
  let host = ProcessInfo.processInfo.hostName
  /// As the store names it.
  let directory: String
  let secrets: [String: String]

  init(_ layout: Layout) {
    directory = layout.relative(FileManager.default.currentDirectoryPath)
    secrets = Self.secrets(ProcessInfo.processInfo.environment)
  }

  /// `ASSAY_SECRET_TOKEN` is the secret `TOKEN`.
  private static func secrets(_ environment: [String: String]) -> [String: String] {
    let prefix = "ASSAY_SECRET_"
    var secrets: [String: String] = [:]
    for (name, value) in environment where name.hasPrefix(prefix) {
      secrets[String(name.dropFirst(prefix.count))] = value
    }
    return secrets
  }
}

/// What is known about this machine and this process that a result should not depend on, and sometimes does.
///
/// Cost: under a millisecond; asked once a run.
enum Machine {
  static func facts(environment: [String: String] = ProcessInfo.processInfo.environment) -> [Fact] {
    var facts = [
      Fact(.machine, "processor", processor), Fact(.machine, "cores", String(cores)),
      Fact(.system, "libc", library),
    ]
    var names = utsname()
    if uname(&names) == 0 {
      facts.append(Fact(.machine, "architecture", text(&names.machine)))
      facts.append(Fact(.system, "kernel", "\(text(&names.sysname)) \(text(&names.release))"))
    }
    if let release = distribution { facts.append(Fact(.system, "distribution", release)) }
    if environment["TZ"] == nil, let zone = try? FileManager.default.destinationOfSymbolicLink(atPath: "/etc/localtime")
    {
      facts.append(Fact(.locale, "time zone", zone))
    }
    for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
      if let fact = fact(name, value) { facts.append(fact) }
    }
    return facts
  }

  // MARK: the machine

  /// Processors that this process may use. Asked once: the answer is in files.
  static let processors = ProcessInfo.processInfo.activeProcessorCount

  /// The beginning of `/proc/cpuinfo` is about the first processor.
  private static let processor: String = {
    guard let file = FileHandle(forReadingAtPath: "/proc/cpuinfo"), let data = try? file.read(upToCount: 4096) else {
      return "unknown"
    }
    for line in data.split(separator: UInt8(ascii: "\n")) {
      let line = String(decoding: line, as: UTF8.self)
      guard line.hasPrefix("model name") || line.hasPrefix("Model"), let colon = line.firstIndex(of: ":") else {
        continue
      }
      return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    return "unknown"
  }()

  /// Those that this process may use: what numerical libraries count.
  private static var cores: Int {
    let text = String(decoding: FileManager.default.contents(atPath: "/proc/self/status") ?? Data(), as: UTF8.self)
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed:") }) else {
      return processors
    }
    return line.dropFirst("Cpus_allowed:".count).reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
  }

  private static var library: String {
    var version = [UInt8](repeating: 0, count: 64)
    let count = version.withUnsafeMutableBytes { bytes in
      confstr(Int32(_CS_GNU_LIBC_VERSION), bytes.baseAddress?.assumingMemoryBound(to: CChar.self), 64)
    }
    return count > 0 && count <= 64 ? String(decoding: version.prefix { $0 != 0 }, as: UTF8.self) : "unknown"
  }

  private static let distribution: String? = {
    guard let data = FileManager.default.contents(atPath: "/etc/os-release") else { return nil }
    for line in String(decoding: data, as: UTF8.self).split(separator: "\n") where line.hasPrefix("PRETTY_NAME=") {
      return line.dropFirst("PRETTY_NAME=".count).trimmingCharacters(in: ["\""])
    }
    return nil
  }()

  private static func text<T>(_ field: inout T) -> String {
    withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  // MARK: environment variables

  /// Of the session and of ours: they differ from shell to shell and no task looks at them.
  private static let noise: Set<String> = [
    "_", "SHLVL", "PWD", "OLDPWD", "COLUMNS", "LINES", "TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "WINDOWID",
    "SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY", "SSH_AUTH_SOCK", "SSH_AGENT_PID", "XDG_SESSION_ID", "INVOCATION_ID",
    "JOURNAL_STREAM", "PAGER", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "LS_COLORS", "LS_OPTIONS", "HISTFILE", "PS1",
  ]
  private static let locale: Set<String> = ["LANG", "LANGUAGE", "TZ", "TZDIR", "LOCPATH"]
  private static let threads: Set<String> = [
    "OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OMP_DYNAMIC", "OMP_SCHEDULE", "OMP_PROC_BIND", "OMP_PLACES",
    "GOMP_CPU_AFFINITY", "MKL_NUM_THREADS", "MKL_DYNAMIC", "MKL_CBWR", "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS",
    "BLIS_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMEXPR_MAX_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS", "POLARS_MAX_THREADS", "JULIA_NUM_THREADS", "TBB_NUM_THREADS",
    "OMPI_MCA_hwloc_base_binding_policy",
  ]
  /// Their values say something to a person and are nobody's secret.
  private static let plain: Set<String> = [
    "PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "PYTHONPATH", "PYTHONHOME", "PYTHONHASHSEED", "GLIBC_TUNABLES",
    "CUDA_VISIBLE_DEVICES", "MPLBACKEND", "OPENBLAS_CORETYPE", "MALLOC_PERTURB_", "MALLOC_ARENA_MAX", "HOME", "USER",
    "ASSAY_PLUGIN_PATH", "ASSAY_PYTHON", "ASSAY_LIBEXEC",
  ]
  private static let secret = ["TOKEN", "SECRET", "PASS", "KEY", "CREDENTIAL", "AUTH", "COOKIE"]

  /// Nil: not worth remembering. What may be a secret leaves its name only, what is not known to be harmless a digest.
  static func fact(_ name: String, _ value: String) -> Fact? {
    if noise.contains(name) { return nil }
    if locale.contains(name) || name.hasPrefix("LC_") { return Fact(.locale, name, value) }
    if threads.contains(name) { return Fact(.threads, name, value) }
    if plain.contains(name) { return Fact(.variable, name, value) }
    if name.hasPrefix("ASSAY_") { return nil }
    let isSecret = secret.contains { name.uppercased().contains($0) }
    return Fact(.variable, name, isSecret ? "(set)" : "digest " + Hasher256.digest(Array(value.utf8)).short)
  }
}
