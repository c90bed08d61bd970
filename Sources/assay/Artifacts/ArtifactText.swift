internal import Artifacts
internal import Values
internal import Workspace

/// Artifacts as the command line shows them.
enum ArtifactText {
  static func table(_ artifacts: [ListedArtifact], _ names: Names, now: Int64) -> TextTable {
    var table = TextTable([
      .init(title: "NAME", isElastic: true), .init(title: "TAGS", rank: 1),
      .init(title: "TYPE", rank: 2, isElastic: true),
      .init(title: "SIZE", isNumber: true), .init(title: "AGE", isNumber: true, rank: 3),
      .init(title: "FROM", rank: 4, isElastic: true), .init(title: "DIGEST"),
    ])
    for artifact in artifacts {
      let tags = artifact.versions.flatMap { names.tags(of: $0.version) }
      table.add([
        .init(artifact.versions.map { $0.version.reference }.joined(separator: ", "), .strong),
        .init(tags.map(\.tag).joined(separator: ", "), tags.contains(where: \.isStage) ? .good : nil),
        .init(artifact.type.map(short) ?? ""), .init(ByteSize.text(artifact.size)),
        .init(artifact.at.map { Times.age(nanoseconds: now - $0) } ?? ""), .init(artifact.origin),
        .init(artifact.digest.short, .faint),
      ])
    }
    return table
  }

  /// A table with many columns says how many.
  static func short(_ type: ValueType) -> String {
    let text = type.description
    if text.count > 40, case .table(let columns?) = type { return "table of \(columns.count) columns" }
    return text
  }

  static func json(_ version: ArtifactVersion) -> [JSON.Member] {
    [
      .init("name", .string(version.name)), .init("version", .int(Int64(version.version))),
      .init("digest", .string("sha256:" + version.digest.hex)), .init("size", .int(version.size)),
      .init("type", .string(version.type.description)), .init("origin", .string(version.origin)),
    ]
  }
}

/// What was done to names, in words.
enum NameText {
  static func words(_ record: NameRecord) -> String {
    func from(_ before: Int?) -> String { before.map { " (was v\($0))" } ?? "" }
    switch record.change {
    case .put(let version):
      return
        "put \(version.reference): \(ArtifactText.short(version.type)), \(ByteSize.text(version.size)), \(version.digest.short)"
        + (version.origin.isEmpty ? "" : " from \(version.origin)")
    case .tag(let name, let tag, let version, let before): return "tag \(name)@\(tag) → v\(version)\(from(before))"
    case .promote(let name, let stage, let version, let before):
      return "promote \(name)@\(stage) → v\(version)\(from(before))"
    case .untag(let name, let tag, let version): return "untag \(name)@\(tag) (was v\(version))"
    case .remove(let name, let version): return "remove \(name)@v\(version)"
    case .pin(let pin): return "pin \(words(pin))"
    case .unpin(let pin): return "unpin \(words(pin))"
    case .collect(let count, let bytes):
      return "collect \(count) artifact\(count == 1 ? "" : "s"), \(ByteSize.text(bytes))"
    }
  }

  static func words(_ pin: NameRecord.Pin) -> String {
    switch pin {
    case .artifact(let digest): "artifact \(digest.short)"
    case .run(let run): "run \(run)"
    }
  }

  static func json(_ record: NameRecord) -> JSON {
    var members: [JSON.Member] = [
      .init("sequence", .int(record.sequence)), .init("at", .string(Times.iso(unixNanoseconds: record.at))),
      .init("by", .string(record.by)), .init("host", .string(record.host)),
    ]
    if !record.reason.isEmpty { members.append(.init("reason", .string(record.reason))) }
    func tagged(_ action: String, _ name: String, _ tag: String, _ version: Int, _ before: Int?) {
      members += [
        .init("action", .string(action)), .init("name", .string(name)), .init("tag", .string(tag)),
        .init("version", .int(Int64(version))),
      ]
      if let before { members.append(.init("before", .int(Int64(before)))) }
    }
    func pinned(_ action: String, _ pin: NameRecord.Pin) {
      members.append(.init("action", .string(action)))
      switch pin {
      case .artifact(let digest): members.append(.init("digest", .string("sha256:" + digest.hex)))
      case .run(let run): members.append(.init("run", .int(run)))
      }
    }
    switch record.change {
    case .put(let version): members += [.init("action", "put")] + ArtifactText.json(version)
    case .tag(let name, let tag, let version, let before): tagged("tag", name, tag, version, before)
    case .promote(let name, let stage, let version, let before): tagged("promote", name, stage, version, before)
    case .untag(let name, let tag, let version): tagged("untag", name, tag, version, nil)
    case .remove(let name, let version):
      members += [
        .init("action", "remove"), .init("name", .string(name)), .init("version", .int(Int64(version))),
      ]
    case .pin(let pin): pinned("pin", pin)
    case .unpin(let pin): pinned("unpin", pin)
    case .collect(let count, let bytes):
      members += [.init("action", "collect"), .init("count", .int(Int64(count))), .init("size", .int(bytes))]
    }
    return .object(members)
  }

  /// What commands that change names print.
  static func show(_ records: [NameRecord], _ console: Console, otherwise: String) {
    if console.json {
      console.document("assay.artifact.changes/1", [.init("changes", .array(records.map(json)))])
    } else {
      for record in records { Output.data(Text.harmless(words(record)) + "\n") }
      if records.isEmpty { console.talk(otherwise) }
    }
  }
}
