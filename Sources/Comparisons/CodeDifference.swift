package import Events
package import Tasks
package import Values

/// Which parts of the code of a task are others.
package struct CodeDifference: Sendable, Equatable {
  package struct Part: Sendable, Equatable {
    package var kind: CodePart.Kind
    package var name: String
    /// Nil: it was not there. Several of one name are joined by commas.
    package var before: String?
    package var after: String?

    package init(_ kind: CodePart.Kind, _ name: String, before: String?, after: String?) {
      self.kind = kind
      self.name = name
      self.before = before
      self.after = after
    }
  }

  /// Where the plugin was and is.
  package var path: String
  package var before: Digest
  package var after: Digest
  /// Empty when the record does not say.
  package var parts: [Part]

  package init(_ before: (Digest, CodeRecord?), _ after: (Digest, CodeRecord?)) {
    self.before = before.0
    self.after = after.0
    path = after.1?.path ?? before.1?.path ?? ""
    parts = Self.compare(before.1?.parts ?? [], after.1?.parts ?? [])
  }

  static func compare(_ before: [CodePart], _ after: [CodePart]) -> [Part] {
    func named(_ parts: [CodePart]) -> [String: (kind: CodePart.Kind, identity: String)] {
      var found: [String: (kind: CodePart.Kind, identity: String)] = [:]
      for part in parts {
        // The plugin is itself, whatever its file is called.
        let name = part.kind == .plugin ? "" : part.name
        let key = "\(part.kind.rawValue) \(name)"
        found[key] = (part.kind, found[key].map { $0.identity + ", " + part.identity } ?? part.identity)
      }
      return found
    }
    let (old, new) = (named(before), named(after))
    var parts: [Part] = []
    var seen: Set<String> = []
    for part in after + before {
      let key = "\(part.kind.rawValue) \(part.kind == .plugin ? "" : part.name)"
      guard seen.insert(key).inserted, old[key]?.identity != new[key]?.identity else { continue }
      parts.append(Part(part.kind, part.name, before: old[key]?.identity, after: new[key]?.identity))
    }
    return parts
  }
}
