/// What the names of a store mean after a series of records.
package struct Names: Sendable {
  package struct Entry: Sendable {
    package var name: String
    /// Versions in use, ascending.
    package var versions: [Named] = []
    /// Version by tag; `stages` are those that were promoted to.
    package var tags: [String: Int] = [:]
    package var stages: Set<String> = []
    /// The highest number ever given.
    package var last = 0

    /// Those of a version, stages first.
    package func tags(of version: Int) -> [String] {
      let all = tags.filter { $0.value == version }.keys.sorted()
      return all.filter(stages.contains) + all.filter { !stages.contains($0) }
    }
  }

  /// A version with who put it there.
  package struct Named: Sendable {
    package var version: ArtifactVersion
    package var at: Int64
    package var by: String
  }

  package private(set) var entries: [String: Entry] = [:]
  package private(set) var pins: [NameRecord.Pin: NameRecord] = [:]

  package init(_ records: some Sequence<NameRecord> = []) { for record in records { apply(record) } }

  package mutating func apply(_ record: NameRecord) {
    switch record.change {
    case .put(let version):
      var entry = entries[version.name] ?? Entry(name: version.name)
      entry.versions.append(Named(version: version, at: record.at, by: record.by))
      entry.last = max(entry.last, version.version)
      entries[version.name] = entry
    case .tag(let name, let tag, let version, _): entries[name]?.tags[tag] = version
    case .promote(let name, let stage, let version, _):
      entries[name]?.tags[stage] = version
      entries[name]?.stages.insert(stage)
    case .untag(let name, let tag, _): entries[name]?.tags[tag] = nil
    case .remove(let name, let version):
      guard var entry = entries[name] else { return }
      entry.versions.removeAll { $0.version.version == version }
      entry.tags = entry.tags.filter { $0.value != version }
      entries[name] = entry
    case .pin(let pin): pins[pin] = record
    case .unpin(let pin): pins[pin] = nil
    case .collect: break
    }
  }

  /// All versions in use.
  package var versions: [Named] { entries.values.flatMap(\.versions) }

  /// Whether the name has a version in use.
  package func contains(_ name: String) -> Bool { entries[name]?.versions.isEmpty == false }

  /// The version that is meant.
  package func find(_ name: String, _ selector: ArtifactSelector) throws(NameProblem) -> Named {
    guard let entry = entries[name], let latest = entry.versions.last else {
      let known = entries.values.filter { !$0.versions.isEmpty }.map(\.name).sorted()
      throw NameProblem(
        "there is no artifact named `\(name)`",
        help: known.isEmpty
          ? "`assay artifact put FILE \(name)` makes one" : "`assay artifact list` shows what there is",
        isMissing: true, candidates: known)
    }
    let number: Int
    switch selector {
    case .latest: return latest
    case .version(let version): number = version
    case .tag(let tag):
      guard let tagged = entry.tags[tag] else {
        throw NameProblem(
          "`\(name)` has no tag `\(tag)`", help: Self.choices(entry), isMissing: true,
          candidates: entry.selectors)
      }
      number = tagged
    }
    guard let found = entry.versions.first(where: { $0.version.version == number }) else {
      let wasThere = (1...max(1, entry.last)).contains(number)
      throw NameProblem(
        wasThere ? "`\(name)@v\(number)` was removed" : "`\(name)` has no version v\(number)",
        help: Self.choices(entry), isMissing: true, candidates: entry.selectors)
    }
    return found
  }

  private static func choices(_ entry: Entry) -> String {
    "there are: " + entry.selectors.prefix(20).map { "`@\($0)`" }.joined(separator: ", ")
  }

  // MARK: changes

  /// The record for a new version; the next number is given.
  package func putting(_ version: ArtifactVersion) throws(NameProblem) -> NameRecord.Change {
    try ArtifactName.check(version.name)
    var version = version
    version.version = (entries[version.name]?.last ?? 0) + 1
    return .put(version)
  }

  package func tagging(
    _ name: String, _ selector: ArtifactSelector, _ tag: String, moves: Bool
  ) throws(NameProblem) -> NameRecord.Change? {
    try ArtifactName.check(tag: tag)
    let version = try find(name, selector).version.version
    let before = entries[name]?.tags[tag]
    if before == version { return nil }
    if let before, !moves {
      throw NameProblem("tag `\(tag)` of `\(name)` names v\(before)", help: "--move lets it name v\(version) instead")
    }
    if entries[name]?.stages.contains(tag) == true {
      throw NameProblem("`\(tag)` is a stage of `\(name)`", help: "`assay artifact promote` moves it")
    }
    return .tag(name: name, tag: tag, version: version, before: before)
  }

  /// Nil: it is there already.
  package func promoting(
    _ name: String, _ selector: ArtifactSelector, _ stage: String
  ) throws(NameProblem) -> NameRecord.Change? {
    try ArtifactName.check(tag: stage)
    let version = try find(name, selector).version.version
    let before = entries[name]?.tags[stage]
    if before == version, entries[name]?.stages.contains(stage) == true { return nil }
    return .promote(name: name, stage: stage, version: version, before: before)
  }

  package func untagging(_ name: String, _ tag: String) throws(NameProblem) -> NameRecord.Change {
    let version = try find(name, .tag(tag)).version.version
    return .untag(name: name, tag: tag, version: version)
  }

  /// - Parameter evenTagged: also one that a tag names.
  package func removing(
    _ name: String, _ selector: ArtifactSelector, evenTagged: Bool
  ) throws(NameProblem) -> NameRecord.Change {
    let version = try find(name, selector).version.version
    let tags = entries[name]?.tags(of: version) ?? []
    guard tags.isEmpty || evenTagged else {
      throw NameProblem(
        "`\(name)@v\(version)` is tagged \(tags.map { "`\($0)`" }.joined(separator: ", "))",
        help: "--force removes it all the same")
    }
    return .remove(name: name, version: version)
  }
}

extension Names.Entry {
  /// What can follow the `@`.
  fileprivate var selectors: [String] { versions.reversed().map { "v\($0.version.version)" } + tags.keys.sorted() }
}
