internal import Events
internal import Experiments
internal import Foundation
internal import Traces
internal import Values

/// Experiments in one file, for another store: their logs and documents, and which of their trials are not to be trusted.
///
/// The first line says what it is and has the digest of the second, which is all the rest.
struct KnowledgeBundle {
  static let schema = "assay.knowledge.bundle/1"

  struct Item {
    var record: ExperimentRecord
    var rows: [LogRow]
    var digest: String
    /// By trial number.
    var tainted: [Int]
  }

  var engine: String
  /// `ada@lab`.
  var by: String
  var items: [Item]

  var bytes: [UInt8] {
    let body = JSON.object([
      .init("engine", .string(engine)), .init("by", .string(by)), .init("experiments", .array(items.map(Self.json))),
    ]).compact
    let head = JSON.object([
      .init("schema", .string(Self.schema)), .init("digest", .string("sha256:" + Payload(Array(body.utf8)).digest.hex)),
    ]).compact
    return Array((head + "\n" + body + "\n").utf8)
  }

  /// What is wrong with a file, for a person.
  struct Damage: Error { var message: String }

  init(engine: String, by: String, items: [Item]) {
    self.engine = engine
    self.by = by
    self.items = items
  }

  init(_ bytes: [UInt8]) throws(Damage) {
    let lines = bytes.split(separator: 10, maxSplits: 2, omittingEmptySubsequences: false)
    guard let head = lines.first, let json = try? JSON.parse(Array(head)), let schema = json["schema"]?.asString,
      schema.hasPrefix("assay.knowledge.bundle/")
    else { throw Damage(message: "it is no bundle of experiments") }
    guard schema == Self.schema else { throw Damage(message: "it is of a newer version of Assay (`\(schema)`)") }
    guard lines.count > 1, json["digest"]?.asString == "sha256:" + Payload(Array(lines[1])).digest.hex else {
      throw Damage(message: "its contents are not what they were when it was written")
    }
    guard let body = try? JSON.parse(Array(lines[1])), let experiments = body["experiments"]?.asArray else {
      throw Damage(message: "its contents cannot be read")
    }
    engine = body["engine"]?.asString ?? ""
    by = body["by"]?.asString ?? ""
    items = []
    for experiment in experiments {
      guard let item = Self.item(experiment) else {
        throw Damage(message: "experiment \(items.count + 1) of it cannot be read")
      }
      guard LogRow.digest(of: item.rows) == item.digest else {
        throw Damage(message: "the log of experiment \(item.record.name) is not what it was")
      }
      items.append(item)
    }
  }

  // MARK: as JSON

  private static func json(_ item: Item) -> JSON {
    let record = item.record
    return .object([
      .init("number", .int(Int64(record.number))), .init("uid", .string(record.uid)),
      .init("name", .string(record.name)), .init("file", .string(record.file)),
      .init(
        "documents",
        .array(
          record.documents.map { .object([.init("path", .string($0.path)), .init("text", .string($0.text))]) })),
      .init("started_at", .int(record.startedAt)), .init("user", .string(record.user)),
      .init("host", .string(record.host)), .init("engine", .string(record.engine)),
      .init("reason", .string(record.reason)), .init("digest", .string(item.digest)),
      .init("tainted", .array(item.tainted.map { .int(Int64($0)) })), .init("entries", .array(item.rows.map(json))),
    ])
  }

  private static func json(_ row: LogRow) -> JSON {
    .object([
      .init("at", .int(row.at)), .init("actor", .string(row.actor)), .init("kind", .string(row.kind)),
      .init("trial", row.trial.map { .int(Int64($0)) } ?? .null),
      .init("numbers", .string(row.numberBytes.withUnsafeBytes(Base64.encode))), .init("text", .string(row.text)),
    ])
  }

  private static func item(_ json: JSON) -> Item? {
    guard let uid = json["uid"]?.asString, !uid.isEmpty, let name = json["name"]?.asString,
      let number = json["number"]?.asInt, let at = json["started_at"]?.asInt, let digest = json["digest"]?.asString,
      let entries = json["entries"]?.asArray
    else { return nil }
    var rows: [LogRow] = []
    for entry in entries {
      guard let row = row(entry), Entry(row) != nil else { return nil }
      rows.append(row)
    }
    let documents = (json["documents"]?.asArray ?? []).compactMap { document -> (path: String, text: String)? in
      guard let path = document["path"]?.asString, let text = document["text"]?.asString else { return nil }
      return (path, text)
    }
    func text(_ member: String) -> String { json[member]?.asString ?? "" }
    let record = ExperimentRecord(
      number: Int(truncatingIfNeeded: number), uid: uid, name: name, file: text("file"), documents: documents,
      startedAt: at, user: text("user"), host: text("host"), engine: text("engine"), reason: text("reason"))
    return Item(
      record: record, rows: rows, digest: digest,
      tainted: (json["tainted"]?.asArray ?? []).compactMap { $0.asInt.map { Int(truncatingIfNeeded: $0) } })
  }

  private static func row(_ json: JSON) -> LogRow? {
    guard let at = json["at"]?.asInt, let actor = json["actor"]?.asString, let kind = json["kind"]?.asString,
      let text = json["text"]?.asString, let bytes = json["numbers"]?.asString.flatMap(Base64.decode)
    else { return nil }
    return LogRow(
      at: at, actor: actor, kind: kind, trial: json["trial"]?.asInt.map { Int(truncatingIfNeeded: $0) },
      numbers: LogRow.numbers(bytes), text: text)
  }
}

// MARK: Use cases

/// What came in, or was here already.
package struct ImportedExperiment: Sendable {
  package let label: String
  package let name: String
  package let isNew: Bool
}

extension Workspace {
  /// Writes experiments into a file for another store; what was imported goes along, what is forgotten only by name.
  ///
  /// - Parameter references: none: all that are not forgotten.
  /// - Returns: the experiments, and the size of the file.
  package func exportKnowledge(
    _ references: [String], to path: String, replaces: Bool
  ) throws(WorkspaceError) -> (experiments: [KnownExperiment], bytes: Int) {
    guard replaces || !Layout.exists(path) else {
      throw WorkspaceError(.failed, "`\(path)` exists already", help: "--force replaces it")
    }
    var chosen: [KnownExperiment] = []
    if references.isEmpty {
      chosen = try known().filter { !$0.study.isForgotten }
    } else {
      for reference in references {
        let one = try known(reference)
        if !chosen.contains(where: { $0.label == one.label }) { chosen.append(one) }
      }
    }
    guard !chosen.isEmpty else {
      throw WorkspaceError(.notFound, "there is no experiment to export", help: "`assay exp run FILE` makes one")
    }
    let tainted = try taintedRuns()
    let items = chosen.map { one in
      // Its log has to say what it was about: where it goes, its plugins may be unknown.
      var rows = one.rows
      if !rows.contains(where: { $0.kind == "described" }) {
        rows.insert(Entry(at: one.record.startedAt, actor: .engine, .described(one.study.description)).row, at: 0)
      }
      return KnowledgeBundle.Item(
        record: one.record, rows: rows, digest: LogRow.digest(of: rows),
        tainted: one.isImported
          ? [] : one.study.trials.filter { $0.ended?.run.map(tainted.contains) ?? false }.map(\.number))
    }
    let bytes = KnowledgeBundle(
      engine: Self.version, by: "\(Self.user)@\(ProcessInfo.processInfo.hostName)", items: items
    ).bytes
    do {
      try Data(bytes).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw WorkspaceError(.failed, "cannot write \(path): \(error.localizedDescription)")
    }
    return (chosen, bytes.count)
  }

  /// Takes over the experiments of a file; those that are here in the same state stay as they are.
  package func importKnowledge(_ path: String) throws(WorkspaceError) -> [ImportedExperiment] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw WorkspaceError(.notFound, "cannot read \(path)")
    }
    let bundle: KnowledgeBundle
    do throws(KnowledgeBundle.Damage) { bundle = try KnowledgeBundle([UInt8](data)) } catch {
      throw WorkspaceError(
        .usage, "\(path) is refused: \(error.message)", help: "export it again; nothing was taken over")
    }
    do {
      try FileManager.default.createDirectory(atPath: layout.store, withIntermediateDirectories: true)
    } catch {
      throw WorkspaceError(.store, "cannot make \(layout.store): \(error.localizedDescription)")
    }
    let known = try known()
    var result: [ImportedExperiment] = []
    for item in bundle.items {
      if let here = known.first(where: { $0.record.uid == item.record.uid }), here.has(item) {
        result.append(ImportedExperiment(label: here.label, name: here.record.name, isNew: false))
        continue
      }
      let forgotten = known.first { $0.record.uid == item.record.uid && $0.study.isForgotten }
      let number = try add(item, of: bundle.by, from: path, forgottenBecause: forgotten?.study.forgottenBecause)
      result.append(ImportedExperiment(label: "i\(number)", name: item.record.name, isNew: true))
    }
    return result
  }

  private func add(
    _ item: KnowledgeBundle.Item, of by: String, from path: String, forgottenBecause: String?
  ) throws(WorkspaceError) -> Int {
    let here = Actor(.person, Self.user)
    var facts: [Entry.Fact] = [
      .imported(
        Imported(
          file: URL(filePath: path).lastPathComponent, by: by, number: item.record.number, digest: item.digest))
    ]
    let basis = item.rows.count
    facts += item.tainted.map {
      .decided(Decision(.exclude(trial: $0, true), reason: "its run was tainted where it was made", basis: basis))
    }
    // What people of this store have said of an earlier state of it still holds.
    if let forgottenBecause { facts.append(.decided(Decision(.forget(true), reason: forgottenBecause, basis: basis))) }
    let rows = item.rows + facts.map { Entry(at: Self.now(), actor: here, $0).row }
    do throws(TraceError) {
      let ledger = knowledgeLedger()
      let number = try ledger.create(item.record)
      try ledger.append(rows, to: number, isSafe: true)
      return number
    } catch {
      throw WorkspaceError(error)
    }
  }
}

extension KnownExperiment {
  /// Whether all that the item says is here: it is this experiment, or came here before.
  fileprivate func has(_ item: KnowledgeBundle.Item) -> Bool {
    if !isImported { return true }
    return study.imported?.digest == item.digest
  }
}
