package import Artifacts
package import Values

extension ListedArtifact {
  /// One of `assay.artifacts/1`.
  package func json(_ names: Names) -> JSON {
    var members: [JSON.Member] = [
      .init("digest", .string("sha256:" + digest.hex)), .init("size", .int(size)),
    ]
    if let type { members.append(.init("type", .string(type.description))) }
    members.append(.init("names", .array(versions.map { $0.json(names) })))
    if !origin.isEmpty { members.append(.init("origin", .string(origin))) }
    if let at { members.append(.init("at", .string(Moment.iso(at)))) }
    return .object(members)
  }
}

extension Names.Named {
  fileprivate func json(_ names: Names) -> JSON {
    .object([
      .init("name", .string(version.name)), .init("version", .int(Int64(version.version))),
      .init("tags", .array(names.tags(of: version).map { .string($0.tag) })),
      .init("type", .string(version.type.description)), .init("origin", .string(version.origin)),
      .init("at", .string(Moment.iso(at))), .init("by", .string(by)),
    ])
  }
}

extension Names {
  /// Of a version, stages first.
  package func tags(of version: ArtifactVersion) -> [(tag: String, isStage: Bool)] {
    guard let entry = entries[version.name] else { return [] }
    return entry.tags(of: version.version).map { ($0, entry.stages.contains($0)) }
  }
}

extension FoundArtifact {
  /// The members of `assay.artifact/1`.
  package func members(_ names: Names) -> [JSON.Member] {
    var members: [JSON.Member] = []
    if let digest = digest { members.append(.init("digest", .string("sha256:" + digest.hex))) }
    members += [.init("size", .int(size)), .init("type", .string(type.description))]
    members.append(.init("names", .array(versions.map { $0.json(names) })))
    if !origin.isEmpty { members.append(.init("origin", .string(origin))) }
    switch value {
    case .file(let file):
      if !file.mediaType.isEmpty { members.append(.init("media_type", .string(file.mediaType))) }
      members += [.init("kind", "file"), .init("path", .string(file.path))]
    case .directory(let file): members += [.init("kind", "directory"), .init("path", .string(file.path))]
    default: members += [.init("kind", "value"), .init("value", value.json(limit: 1000))]
    }
    return members
  }
}
