internal import Database
internal import Foundation
internal import Processes
internal import Traces
internal import Values

// The places where things are kept: may we write, is there room, can they be relied upon.

extension Doctor {
  private static let elsewhere = "assay config set store FOLDER"
  /// A larger trace is not read through: that would take seconds.
  private static let longRead = 64 << 20

  @Sendable func storeFindings() -> [Finding] {
    var findings = [Finding("sqlite", .ok, Connection.libraryVersion)]
    findings.append(writable("store", layout.store, fix: Self.elsewhere))
    if let place = Place(layout.store) { findings += [space("store.space", place), kind(place)] }
    findings += trace() + logs()
    findings.append(writable("cache", layout.cache, fix: "assay config set cache FOLDER --user"))
    if let place = Place(layout.cache) { findings.append(space("cache.space", place)) }
    return findings
  }

  private func writable(_ id: String, _ path: String, fix: String) -> Finding {
    guard let existing = Self.existing(path) else { return Finding(id, .problem, "\(path) cannot be made", fix: fix) }
    guard Files.stamp(existing)?.isDirectory == true else {
      return Finding(id, .problem, "\(existing) is no folder", fix: fix)
    }
    // Rights do not tell all: read-only disks, quotas, special file systems.
    let probe = "\(existing)/.assay-doctor-\(UUID().uuidString)"
    do throws(SystemError) {
      try Files.writeAtomically(probe, [0])
      try Files.remove(probe)
    } catch {
      return Finding(id, .problem, "\(existing) cannot be written: \(error.reason)", fix: fix)
    }
    return Finding(id, .ok, path + (existing == path ? "" : " (not made yet)"))
  }

  /// The path, or the nearest folder around it that is there.
  fileprivate static func existing(_ path: String) -> String? { Layout.parents(of: path).first(where: Layout.exists) }

  // MARK: - Disks

  /// Where a path is, as the kernel knows it.
  struct Place {
    var path: String
    var freeBytes: Int64
    var kind: String

    init?(_ path: String) {
      guard let existing = Doctor.existing(path), let facts = Files.fileSystem(of: existing) else { return nil }
      self.path = existing
      freeBytes = Int64(clamping: facts.freeBytes)
      kind = Place.names[facts.kind] ?? "0x" + String(facts.kind, radix: 16)
    }

    /// <linux/magic.h>.
    private static let names: [UInt64: String] = [
      0xEF53: "ext4", 0x5846_5342: "xfs", 0x9123_683E: "btrfs", 0x2FC1_2FC1: "zfs", 0x794C_7630: "overlay",
      0x0102_1994: "tmpfs", 0x8584_58F6: "ramfs", 0x6969: "nfs", 0xFF53_4D42: "cifs", 0xFE53_4D42: "smb",
      0x517B: "smb", 0x6573_5546: "fuse", 0x0BD0_0BD0: "lustre", 0x4750_4653: "gpfs", 0x0102_1997: "9p",
    ]
    var isRemote: Bool { ["nfs", "cifs", "smb", "lustre", "gpfs", "9p"].contains(kind) }
    var isVolatile: Bool { ["tmpfs", "ramfs"].contains(kind) }
  }

  private func space(_ id: String, _ place: Place) -> Finding {
    let free = ByteSize.text(place.freeBytes) + " free"
    let fix = "make room on the disk of \(place.path)"
    if place.freeBytes < 100 << 20 { return Finding(id, .problem, "only \(free)", fix: fix) }
    if place.freeBytes < 2 << 30 { return Finding(id, .warning, "only \(free)", fix: fix) }
    return Finding(id, .ok, free)
  }

  private func kind(_ place: Place) -> Finding {
    let id = "store.disk"
    if place.isVolatile {
      return Finding(id, .warning, "\(place.kind): in memory, gone when the machine restarts", fix: Self.elsewhere)
    }
    if place.isRemote {
      return Finding(
        id, .warning, "\(place.kind): locks on network file systems fail, which can damage the trace",
        fix: Self.elsewhere)
    }
    return Finding(id, .ok, place.kind)
  }

  // MARK: - The databases

  private func trace() -> [Finding] {
    let path = layout.store + "/trace.db"
    guard Layout.exists(path) else { return [] }
    let id = "store.trace"
    do throws(TraceError) { _ = try Trace(path: path) } catch {
      return [Finding(id, .problem, "\(error)", fix: "move \(layout.store) away, or restore it from a backup")]
    }
    return [sound(id, path)]
  }

  private func logs() -> [Finding] {
    ["names", "experiments", "knowledge", "policies"].flatMap { name in
      let path = layout.store + "/\(name).db"
      return Layout.exists(path) ? [sound("store.\(name)", path)] : []
    }
  }

  private func sound(_ id: String, _ path: String) -> Finding {
    let size = Files.stamp(path)?.size ?? 0
    guard size <= Self.longRead else { return Finding(id, .ok, "\(ByteSize.text(size)), not read through") }
    do throws(DatabaseError) {
      let said = try Connection(path, .readOnly).text("PRAGMA quick_check(1)")
      if said == "ok" { return Finding(id, .ok, "\(ByteSize.text(size)), sound") }
      return Finding(id, .problem, "damaged: \(said ?? "unreadable")", fix: "restore \(path) from a backup")
    } catch {
      return Finding(id, .problem, "cannot be read: \(error)", fix: "restore \(path) from a backup")
    }
  }
}
