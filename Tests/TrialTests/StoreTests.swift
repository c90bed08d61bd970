import Glibc
import Processes
import Testing
import Traces
import Values

extension Trials {
  /// Stores that cannot be written.
  @Suite struct StoreTests {
    /// Ten artifacts of 256 KiB with something before and after them.
    private func blobs() throws -> [String: String] {
      [
        "blobs.assay": """
        assay 1
        use "\(try Build.trial)" as t
        workflow blobs {
          step first = t.grow(x: 1)
          step parts = t.blob(x: 262144 + i + first.y) foreach i in range(10)
          out sizes: list<int> = [size(parts.y)]
        }
        """
      ]
    }

    /// A limit on the size of files stands in for a full disk, anywhere: the trace outgrows it.
    @Test func afterRoomWasMadeForTheTraceTheRunGoesOn() throws {
      let trial = try Trial([
        "rows.assay": """
        assay 1
        use "\(try Build.trial)" as t
        workflow rows {
          step all = t.grow(x: i) foreach i in range(3000)
          out y: int = sum(all.y)
        }
        """
      ])
      let limit = ["/bin/sh", "-c", "ulimit -f 400; exec \"$@\"", "sh"]
      let full = try trial.assay("run", "rows.assay", "--json", wrapper: limit)
      #expect(full.code == 8, "\(full)")
      #expect(full.complaints.count == 1, "\(full)")
      #expect(full.err.contains("--resume"), "\(full)")
      try trial.awaitNoProcesses()
      let end = try trial.run("rows.assay", "--resume")
      #expect(end.outputs == ["y": 4_501_500])
    }

    /// Where file systems can be mounted: a disk that really is full.
    @Test(.enabled(if: Mount.isPossible)) func afterRoomWasMadeOnAFullFileSystemTheRunGoesOn() throws {
      let trial = try Trial(try blobs())
      let mount = try Mount(trial.store, "size=1500k")
      let full = try trial.assay("run", "blobs.assay", "--json")
      #expect(full.code == 8, "\(full)")
      #expect(full.complaints.count == 1, "\(full)")
      #expect(full.complaints.first?.contains("No space left on device") == true, "\(full)")
      #expect(full.err.contains("make room") && full.err.contains("--resume 1"), "\(full)")
      #expect(try trial.assay("runs", "list").code == 0)
      try trial.awaitNoProcesses()
      try mount.change("size=64m")
      let end = try trial.run("blobs.assay", "--resume")
      #expect(end.outputs == ["sizes": [10]])
      let list = try trial.assay("artifact", "list", "--json")
      #expect(list.code == 0, "\(list)")
    }

    @Test(.enabled(if: Mount.isPossible)) func aFileSystemWithoutAnyRoomIsOneError() throws {
      let trial = try Trial(try blobs())
      let mount = try Mount(trial.store, "size=8k")
      let end = try trial.assay("run", "blobs.assay")
      #expect(end.code == 8, "\(end)")
      #expect(end.complaints.count == 1, "\(end)")
      _ = mount
    }

    @Test(.enabled(if: Mount.isPossible)) func aReadOnlyStoreIsReadAndNotWritten() throws {
      let trial = try Trial(try blobs())
      try trial.run("blobs.assay")
      let mount = try Mount(binding: trial.store)
      let end = try trial.assay("run", "blobs.assay")
      #expect(end.code == 8, "\(end)")
      #expect(end.complaints.count == 1, "\(end)")
      let list = try trial.assay("runs", "list")
      #expect(list.code == 0, "\(list)")
      _ = mount
    }

    @Test func aFileInThePlaceOfTheStoreIsOneError() throws {
      let trial = try Trial(try blobs())
      try trial.write("store", "not a directory")
      let end = try trial.assay("run", "blobs.assay")
      #expect(end.code == 8, "\(end)")
      #expect(end.complaints.count == 1, "\(end)")
      #expect(end.err.contains("store"), "\(end)")
    }

    @Test func aTraceThatIsNoDatabaseIsOneError() throws {
      let trial = try Trial(try blobs())
      try Files.makeDirectory(trial.store)
      try trial.write("store/trace.db", String(repeating: "this is no database ", count: 1000))
      for command in [["run", "blobs.assay"], ["runs", "list"]] {
        let end = try trial.begin(command).end()
        #expect(end.code == 8, "\(end)")
        #expect(end.complaints.count == 1, "\(end)")
      }
    }

    @Test func damagedPagesAreFoundAndNamed() throws {
      let trial = try Trial(try blobs())
      try trial.run("blobs.assay")
      #expect(try trial.assay("artifact", "verify").code == 0)
      let path = trial.store + "/trace.db"
      let file = open(path, O_WRONLY)
      #expect(pwrite(file, [UInt8](repeating: 0, count: 8192), 8192, 4096) == 8192)
      close(file)
      for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
      let end = try trial.assay("artifact", "verify")
      #expect(end.code == 8 && end.out.contains("trace.db: "), "\(end)")
      let json = try JSON.parse(Array(try trial.assay("artifact", "verify", "--json").out.utf8))
      #expect(json["sound"] == false)
      #expect(json["databases"]?.asArray?.first?["name"] == "trace.db", "\(json)")
    }

    @Test func resumingWhereNothingIsToResumeSaysSo() throws {
      let trial = try Trial(try blobs())
      let none = try trial.assay("run", "blobs.assay", "--resume")
      #expect(none.code == 4, "\(none)")
      try trial.run("blobs.assay")
      let done = try trial.assay("run", "blobs.assay", "--resume")
      #expect(done.code == 2, "\(done)")
      #expect(try trial.assay("run", "blobs.assay", "--resume", "77").code == 4)
    }
  }
}

/// A file system that goes away with its owner.
final class Mount: Sendable {
  private let path: String

  init(_ path: String, _ options: String) throws {
    try Files.makeDirectory(path)
    self.path = path
    try Self.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", path])
  }

  /// The folder itself, read-only.
  init(binding path: String) throws {
    self.path = path
    try Self.run(["mount", "--bind", path, path])
    try Self.run(["mount", "-o", "remount,bind,ro", path])
  }

  func change(_ options: String) throws { try Self.run(["mount", "-o", "remount," + options, path]) }

  deinit { umount2(path, Int32(MNT_DETACH)) }

  private static func run(_ command: [String]) throws {
    var said: [String] = []
    let result = try Command(command).run { said.append($0) }
    try #require(result.succeeded, "\(command): \(said)")
  }

  static let isPossible: Bool = {
    let path = "/tmp/assay-mount-\(getpid())"
    guard let mount = try? Mount(path, "size=64k") else { return false }
    _ = mount
    return true
  }()
}
