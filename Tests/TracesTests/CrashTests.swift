import Database
import Events
import Glibc
import Tasks
import Testing
import Values

@testable import Traces

@Suite(.serialized) struct CrashTests {
  @Test(arguments: [Durability.normal, .full])
  func killedWhileAppendingLosesOnlyASuffix(_ durability: Durability) async throws {
    let scratch = Scratch()
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [directory = scratch.path as String, durability = durability.rawValue as String] in
      let promised = open("\(directory)/promised", O_WRONLY | O_CREAT, 0o644)
      let journal = try Journal(
        path: "\(directory)/trace.db", durability: Durability(rawValue: durability) ?? .full, encode: encode,
        onCommit: { committed in
          // What the engine was told is kept; then, with more on the way, it dies.
          withUnsafeBytes(of: committed) { _ = pwrite(promised, $0.baseAddress, 8, 0) }
          if committed > 5000 { kill(getpid(), SIGKILL) }
        })
      try journal.append([started(1)])
      for node in 0... { try journal.append([attempt(1, node, key: key(UInt64(node)), reusable: true)]) }
    }
    var promised: UInt64 = 0
    let file = open("\(scratch.path)/promised", O_RDONLY)
    #expect(withUnsafeMutableBytes(of: &promised) { read(file, $0.baseAddress, 8) } == 8)
    close(file)

    let trace = try Trace(path: scratch.database)
    let nodes = try trace.attempts(of: 1).map(\.node.node)
    #expect(nodes == Array(0..<nodes.count))
    #expect(nodes.count + 1 >= Int(promised))
    #expect(promised > 5000)
    #expect(try trace.runs().map(\.status) == [.interrupted])
    // The next writer goes on, and the results are there.
    let journal = try Journal(path: scratch.database, durability: durability, encode: encode)
    #expect(try trace.reusable(key(UInt64(nodes.count - 1)))?.run == 1)
    #expect(try trace.reusable(key(UInt64(nodes.count))) == nil)
    try journal.append([started(2), attempt(2, 0), finished(2)])
    try journal.flush()
    journal.close()
    #expect(
      try Connection(scratch.database).integer(
        "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'") == 0)
    #expect(try trace.runs().map(\.status) == [.succeeded, .interrupted])
  }

  /// What the journal does when no more can be written; `code` says why not.
  @Sendable static func fill(_ directory: String, expecting code: TraceError.Code) throws {
    let journal = try Journal(path: "\(directory)/trace.db", durability: .normal, encode: encode)
    try journal.append([started(1)])
    var failure: TraceError?
    for node in 0..<1_000_000 where failure == nil {
      do throws(TraceError) {
        try journal.append([attempt(1, node, key: key(UInt64(node)))])
        if node % 100 == 0 { try journal.flush() }
      } catch {
        failure = error
      }
    }
    #expect(failure?.code == code)
    #expect(journal.failure?.code == code)
    #expect(throws: TraceError.self) { try journal.append([started(2)]) }
    #expect(throws: TraceError.self) { try journal.flush() }
    let committed = journal.committed
    journal.close()
    let nodes = try Trace(path: "\(directory)/trace.db").attempts(of: 1).map(\.node.node)
    #expect(nodes == Array(0..<Int(committed - 1)))
    #expect(nodes.count > 100)
  }

  @Test func aFileSizeLimitFailsTheJournalAndKeepsWhatWasCommitted() async throws {
    let scratch = Scratch()
    await #expect(processExitsWith: .success) { [directory = scratch.path as String] in
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      try CrashTests.fill(directory, expecting: .unwritable)
    }
  }

  /// A real full disk: a small file system of our own.
  @Test(.enabled(if: getuid() == 0, "only root may mount"))
  func aFullDiskFailsTheJournalAndKeepsWhatWasCommitted() throws {
    let scratch = Scratch()
    let disk = "\(scratch.path)/disk"
    // A container may have root without the right to mount: nothing to test there.
    guard system("mkdir \(disk) && mount -t tmpfs -o size=2m tmpfs \(disk) 2>/dev/null") == 0 else { return }
    defer { _ = system("umount -l \(disk)") }
    try Self.fill(disk, expecting: .full)
  }

  @Test func anUnwritableDirectoryIsOneClearError() async throws {
    let scratch = Scratch()
    await #expect(processExitsWith: .success) { [directory = scratch.path as String] in
      // Root may write anywhere: become somebody who may not.
      if getuid() == 0 {
        chmod(directory, 0o755)
        #expect(setuid(65534) == 0)
      } else {
        chmod(directory, 0o555)
      }
      let error = #expect(throws: TraceError.self) {
        try Journal(path: "\(directory)/trace.db", durability: .normal, encode: encode)
      }
      #expect(error?.code == .unwritable)
      #expect(error?.description.contains(directory) == true)
    }
  }

  @Test func aTraceInAReadOnlyDirectoryCanBeRead() async throws {
    let scratch = Scratch()
    let journal = try Journal(path: scratch.database, durability: .normal, encode: encode)
    try journal.append([started(1), attempt(1, 0), finished(1)])
    try journal.flush()
    journal.close()
    await #expect(processExitsWith: .success) { [directory = scratch.path as String] in
      chmod(directory, 0o555)
      if getuid() == 0 { #expect(setuid(65534) == 0) }
      let trace = try Trace(path: "\(directory)/trace.db")
      #expect(try trace.attempts(of: 1).count == 1)
      #expect(try trace.runs().map(\.status) == [.succeeded])
    }
  }

  @Test func aWriterThatWaitsGetsTheStoreWhenTheFirstOneDies() async throws {
    let scratch = Scratch()
    await #expect(processExitsWith: .signal(SIGKILL)) { [directory = scratch.path as String] in
      let path = directory + "/trace.db"
      let journal = try Journal(path: path, durability: .normal, encode: encode)
      try journal.append([started(1)])
      try journal.flush()
      kill(getpid(), SIGKILL)
    }
    let journal = try Journal(path: scratch.database, durability: .normal, waiting: true, encode: encode)
    #expect(journal.nextRun() == 2)
    journal.close()
  }
}
