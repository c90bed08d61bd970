internal import CSQLite
internal import Glibc

/// The shape of a database, as the steps that lead to it: step n takes version n to n + 1.
///
/// A released step never changes. A file of an older version is copied beside itself before it is touched, one of a
/// newer version is refused.
package struct Schema: Sendable {
  /// Marks the file as ours (`PRAGMA application_id`).
  package var application: Int32
  /// SQL of each step.
  package var steps: [String]

  package init(application: Int32, steps: [String]) {
    self.application = application
    self.steps = steps
  }

  package var version: Int { steps.count }
}

extension Connection {
  /// Brings the file to `schema`, all steps in one transaction. Cheap when it is there already.
  package func migrate(to schema: Schema) throws(DatabaseError) {
    let version = try check(schema)
    guard version < schema.version else { return }
    if version > 0 { try backUp(to: "\(path).v\(version).backup") }
    try transaction { () throws(DatabaseError) in
      // Somebody else may have been faster.
      for step in try check(schema)..<schema.version { try execute(schema.steps[step]) }
      try execute("PRAGMA application_id = \(schema.application)")
      try execute("PRAGMA user_version = \(schema.version)")
    }
  }

  /// The version of the file, 0 for an empty one. Throws when it is newer than `schema` or not ours.
  @discardableResult
  package func check(_ schema: Schema) throws(DatabaseError) -> Int {
    let version = Int(try integer("PRAGMA user_version") ?? 0)
    let application = try integer("PRAGMA application_id") ?? 0
    let tables = try integer("SELECT count(*) FROM sqlite_schema") ?? 0
    if version == 0, application == 0, tables == 0 { return 0 }
    guard application == Int64(schema.application) else {
      throw DatabaseError(
        code: DatabaseError.foreignFile, message: "this is a database of another program", context: path)
    }
    guard version >= 0 else {
      throw DatabaseError(
        code: DatabaseError.foreignFile, message: "damaged: its format is \(version), and formats begin with 0",
        context: path)
    }
    guard version <= schema.version else {
      throw DatabaseError(
        code: DatabaseError.newerSchema,
        message:
          "written by a newer version (format \(version), this version knows up to \(schema.version)); update assay",
        context: path)
    }
    return version
  }

  /// A consistent copy at `destination`, complete or absent; on disk when this returns.
  package func backUp(to destination: String) throws(DatabaseError) {
    let partial = destination + ".partial"
    unlink(partial)
    do throws(DatabaseError) {
      let statement = try prepare("VACUUM INTO ?1")
      statement.bind(1, partial)
      try statement.run()
      try Self.synchronise(partial)
      if rename(partial, destination) != 0 {
        throw DatabaseError(
          code: SQLITE_IOERR, message: "cannot name the backup", context: destination, systemError: errno)
      }
    } catch {
      unlink(partial)
      throw error
    }
    let slash = destination.lastIndex(of: "/")
    try Self.synchronise(slash.map { String(destination[...$0]) } ?? ".")
  }

  private static func synchronise(_ path: String) throws(DatabaseError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      throw DatabaseError(code: SQLITE_IOERR, message: "cannot sync the backup", context: path, systemError: errno)
    }
  }
}
