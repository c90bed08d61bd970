package import Values

/// What somebody did to the names of a store. Only ever appended; what names mean now is a fold over all records (`Names`).
package struct NameRecord: Sendable, Equatable {
  package enum Change: Sendable, Equatable {
    /// A new version of a name.
    case put(ArtifactVersion)
    /// The tag names this version from now on; `before`: the version that it named.
    case tag(name: String, tag: String, version: Int, before: Int?)
    /// … and the tag is a stage, such as `production`.
    case promote(name: String, stage: String, version: Int, before: Int?)
    case untag(name: String, tag: String, version: Int)
    /// The version is out of use; its bytes go with the next collection, unless something else needs them.
    case remove(name: String, version: Int)
    /// Never collected.
    case pin(Pin)
    case unpin(Pin)
    /// Artifacts that nothing needed were removed.
    case collect(count: Int, bytes: Int64)
  }

  package enum Pin: Sendable, Hashable {
    case artifact(Digest)
    case run(Int64)
  }

  package var change: Change
  /// Unix nanoseconds.
  package var at: Int64
  package var by: String
  package var host: String
  package var reason: String
  /// Its place among the records; 0 until it is written.
  package var sequence: Int64 = 0

  package init(_ change: Change, at: Int64, by: String, host: String, reason: String = "") {
    self.change = change
    self.at = at
    self.by = by
    self.host = host
    self.reason = reason
  }

  /// The name that it is about.
  package var name: String? {
    switch change {
    case .put(let version): version.name
    case .tag(let name, _, _, _), .promote(let name, _, _, _), .untag(let name, _, _), .remove(let name, _): name
    case .pin, .unpin, .collect: nil
    }
  }
}

/// One version of a name: what was put under it. Never changes.
package struct ArtifactVersion: Sendable, Equatable {
  package var name: String
  /// From 1; numbers are not used again.
  package var version: Int
  /// Of the bytes; of a value of several parts that of its stored form.
  package var digest: Digest
  package var type: ValueType
  package var size: Int64
  /// The value, in stored form.
  package var form: [UInt8]
  /// The artifacts that the value consists of.
  package var parts: [Digest]
  /// Where it came from: `12:train.model`, a path, `archive of …`.
  package var origin: String
  /// The run that made it, in this store.
  package var run: Int64?
  /// How it was made, in another store: the lineage document that came with it, or empty.
  package var history: String

  package init(
    name: String, version: Int, digest: Digest, type: ValueType, size: Int64, form: [UInt8], parts: [Digest],
    origin: String, run: Int64? = nil, history: String = ""
  ) {
    self.name = name
    self.version = version
    self.digest = digest
    self.type = type
    self.size = size
    self.form = form
    self.parts = parts
    self.origin = origin
    self.run = run
    self.history = history
  }

  /// `churn/model@v3`.
  package var reference: String { "\(name)@v\(version)" }
}
