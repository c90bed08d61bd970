package import Values

extension ArtifactStore {
  /// The stored form of a persisted value: small parts inline, artifacts by digest. Never fails; what was not persisted
  /// goes inline.
  package func encode(_ value: Value) -> [UInt8] {
    do {
      return try WireEncoder.store(value) { payload in self.placed(payload) }.bytes
    } catch {
      // Nested too deep for the format: a runner would have refused it.
      return WireEncoder.storedNull
    }
  }

  /// The one digest, size and stored form of a persisted value, and the artifacts that it consists of.
  ///
  /// A file, a directory, or a tensor, table or bytes that are one artifact: that one's digest. Any other value: that of its
  /// stored form, which becomes an artifact too.
  package func describe(
    _ value: Value
  ) throws(StoreError) -> (digest: Digest, size: Int64, form: [UInt8], parts: [Digest]) {
    let form: (bytes: [UInt8], artifacts: [Digest])
    do {
      form = try WireEncoder.store(value) { self.placed($0) }
    } catch {
      throw StoreError(.unsupported, "the value cannot be stored (\(error))", path: directory)
    }
    switch value {
    case .file(let file), .directory(let file):
      if let digest = file.digest { return (digest, file.size, form.bytes, form.artifacts) }
    default:
      if form.artifacts.count == 1, let whole = form.artifacts.first, try isAll(of: whole, value) {
        return (whole, Int64(try size(of: whole)), form.bytes, form.artifacts)
      }
    }
    let digest = try add(form.bytes)
    let size = value.payloads.reduce(Int64(form.bytes.count)) { $0 + Int64($1.count > Self.inlineLimit ? $1.count : 0) }
    return (digest, size, form.bytes, form.artifacts + [digest])
  }

  /// The artifact is the value, not a larger one that it is a slice of.
  private func isAll(of digest: Digest, _ value: Value) throws(StoreError) -> Bool {
    switch value {
    case .bytes(let payload): return try size(of: digest) == payload.count
    case .tensor(let tensor): return try size(of: digest) == tensor.data.count + NumpyFile.header(of: tensor).count
    case .table(let table):
      let region = try mapping(digest)
      try region.load()
      let whole = try? ArrowFile.read(Payload(region, offset: 0, count: region.count))
      return whole?.schema == table.schema && whole?.rowCount == table.rowCount
    default: return false
    }
  }

  /// Large strings were stored by `persist`, under a digest that the value cannot carry.
  private func placed(_ payload: Payload) -> (any Region)? {
    guard case .bytes(let bytes) = payload.storage else { return nil }
    return try? open(Hasher256.digest(bytes))
  }

  /// The value of a stored form. Throws `missing` or `torn` when an artifact is not there with all its bytes (known
  /// without reading it), `malformed` when the bytes are no stored form.
  package func decode(_ bytes: [UInt8]) throws(StoreError) -> Value {
    let lookup = Lookup()
    let value: Value
    do {
      value = try WireDecoder.load(bytes, artifact: { lookup.open($0, in: self) }, path: { self.path(of: $0) })
    } catch {
      if let failure = lookup.failure { throw failure }
      // A slice outside its artifact is a torn artifact, if it is not a lie.
      for digest in lookup.found { try verify(digest) }
      throw StoreError(.malformed, "not a stored value (\(error))", path: directory)
    }
    return try located(value)
  }

  /// Looks whether the files are there; directories are files again afterwards.
  private func located(_ value: Value) throws(StoreError) -> Value {
    switch value {
    case .file(let file):
      if let digest = file.digest {
        guard try size(of: digest) == Int(file.size) else {
          throw StoreError(.torn, "artifact \(digest.short) has another size than it had", path: file.path)
        }
      }
      return value
    case .directory(var tree):
      if let digest = tree.digest { tree.path = try materialise(directory: digest) }
      return .directory(tree)
    case .list(let items):
      if items.allSatisfy(\.isPlain) { return value }
      var result: [Value] = []
      for item in items { result.append(try located(item)) }
      return .list(result)
    case .record(var fields):
      for index in fields.indices { fields[index].value = try located(fields[index].value) }
      return .record(fields)
    default: return value
    }
  }

  /// Maps all artifacts of a decoded value, so that reading it cannot fail later.
  package func load(_ value: Value) throws(StoreError) {
    for payload in value.payloads {
      if case .region(let region as MappedArtifact, _, _) = payload.storage { try region.load() }
    }
  }
}

/// Carries what happened out of a callback that cannot throw.
private final class Lookup {
  var found: [Digest] = []
  var failure: StoreError?

  func open(_ digest: Digest, in store: ArtifactStore) -> (any Region)? {
    do throws(StoreError) {
      let region = try store.open(digest)
      found.append(digest)
      return region
    } catch {
      failure = error
      return nil
    }
  }
}

extension WireEncoder {
  fileprivate static var storedNull: [UInt8] { [0] }
}

extension Value {
  /// The contents of all its parts.
  var payloads: [Payload] {
    switch self {
    case .null, .bool, .int, .float, .string, .file, .directory: []
    case .bytes(let payload): [payload]
    case .tensor(let tensor): [tensor.data]
    case .table(let table): table.batches.flatMap(\.payloads)
    case .list(let items): items.allSatisfy(\.isPlain) ? [] : items.flatMap(\.payloads)
    case .record(let fields): fields.flatMap(\.value.payloads)
    }
  }
}

extension ArrowArray {
  var payloads: [Payload] { buffers.compactMap(\.self) + (children + dictionary).flatMap(\.payloads) }
}
