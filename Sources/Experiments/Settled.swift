package import Events
internal import Values

/// What the names of artifacts in the documents of an experiment meant when it began. It keeps to that, whatever they mean later.
package struct Settled: Sendable, Equatable {
  package struct Artifact: Sendable, Equatable {
    /// As the documents name it: `raw/churn`, `raw/churn@production`.
    package var reference: String
    /// `raw/churn@v3`.
    package var version: String

    package init(reference: String, version: String) {
      self.reference = reference
      self.version = version
    }
  }

  package var artifacts: [Artifact]

  package init(_ artifacts: [Artifact]) { self.artifacts = artifacts }

  package static func words(_ artifact: Artifact) -> String {
    artifact.reference == artifact.version ? artifact.version : "`\(artifact.reference)` as \(artifact.version)"
  }

  /// Nil: a row that makes no sense, or is something else.
  package init?(_ row: LogRow) {
    guard case .settled(let settled)? = Entry(row)?.fact else { return nil }
    self = settled
  }
}

/// As rows of the ledger: pairs of name and version.
extension Entry {
  static func put(_ settled: Settled, into row: inout LogRow) {
    row.kind = "settled"
    row.text = JSON.array(settled.artifacts.map { .array([.string($0.reference), .string($0.version)]) }).compact
  }

  static func settled(_ row: LogRow) -> Fact? {
    guard let pairs = (try? JSON.parse(row.text))?.asArray else { return nil }
    var artifacts: [Settled.Artifact] = []
    for pair in pairs {
      guard let parts = pair.asArray, parts.count == 2, let reference = parts[0].asString,
        let version = parts[1].asString
      else { return nil }
      artifacts.append(Settled.Artifact(reference: reference, version: version))
    }
    return .settled(Settled(artifacts))
  }
}
