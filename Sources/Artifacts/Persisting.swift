package import Values

extension ArtifactStore {
  /// Puts every large part, file and directory of `value` into the store, and gives the same value with references.
  ///
  /// Parts that lie in shared memory stay there as well, to be handed on without a copy, for as long as the result is in
  /// use. Files and directories get the path of their stored copy. O(bytes); nothing is done for what is stored already.
  ///
  /// - Parameter consuming: files and directories are private to the caller and not needed afterwards.
  package func persist(_ value: Value, consuming: Bool = false) throws(StoreError) -> Value {
    switch value {
    case .null, .bool, .int, .float: return value
    case .string(let text):
      // A string has no place for a reference: it is stored under its digest and found again by it.
      if text.utf8.count > Self.inlineLimit { _ = try add(Array(text.utf8)) }
      return value
    case .bytes(let payload): return .bytes(try persist(payload))
    case .list(let items):
      if items.allSatisfy(\.isPlain) { return value }
      var stored: [Value] = []
      stored.reserveCapacity(items.count)
      for item in items { stored.append(try persist(item, consuming: consuming)) }
      return .list(stored)
    case .record(var fields):
      for index in fields.indices { fields[index].value = try persist(fields[index].value, consuming: consuming) }
      return .record(fields)
    case .tensor(var tensor):
      tensor.data = try persist(tensor.data, after: { NumpyFile.header(of: tensor) })
      return .tensor(tensor)
    case .table(let table): return .table(try persist(table))
    case .file(let file): return .file(try persist(file, consuming: consuming))
    case .directory(let tree): return .directory(try persist(tree: tree, consuming: consuming))
    }
  }

  /// - Parameter header: what stands before the contents in the artifact.
  private func persist(_ payload: Payload, after header: () -> [UInt8] = { [] }) throws(StoreError) -> Payload {
    guard payload.count > Self.inlineLimit else {
      // A small slice must not keep a large region alive.
      if case .region(let region, _, _) = payload.storage, region.artifact == nil { return Payload(payload.copied) }
      return payload
    }
    if try isStored(payload) { return payload }
    let header = header()
    let digest = try add(header.isEmpty ? [payload] : [Payload(header), payload])
    guard case .region(let region, let offset, let count) = payload.storage else {
      return Payload(try open(digest), offset: header.count, count: payload.count)
    }
    return Payload(HeldRegion(region, artifact: digest, offset: header.count - offset), offset: offset, count: count)
  }

  private func isStored(_ payload: Payload) throws(StoreError) -> Bool {
    guard case .region(let region, _, _) = payload.storage, let digest = region.artifact else { return false }
    return try retain(digest)
  }

  private func areStored(_ payloads: [Payload]) throws(StoreError) -> Bool {
    for payload in payloads where try !isStored(payload) { return false }
    return true
  }

  /// As one Arrow file, whose slices the columns are afterwards.
  private func persist(_ table: Table) throws(StoreError) -> Table {
    let payloads = table.batches.flatMap(\.payloads)
    let isSmall = payloads.reduce(0) { $0 + $1.count } <= Self.inlineLimit
    if !isSmall, try areStored(payloads.filter { $0.count > Wire.referenceLimit }) { return table }
    if !isSmall, let chunks = try? ArrowFile.chunks(of: table) {
      let digest = try add(chunks)
      let region = try mapping(digest)
      try region.load()
      if let stored = try? ArrowFile.read(Payload(region, offset: 0, count: region.count)) { return stored }
    }
    // Small, or of a kind that Arrow files do not have: each buffer for itself.
    var table = table
    for index in table.batches.indices { table.batches[index] = try persist(table.batches[index]) }
    return table
  }

  private func persist(_ array: ArrowArray) throws(StoreError) -> ArrowArray {
    var array = array
    for index in array.buffers.indices {
      if let buffer = array.buffers[index] { array.buffers[index] = try persist(buffer) }
    }
    for index in array.children.indices { array.children[index] = try persist(array.children[index]) }
    for index in array.dictionary.indices { array.dictionary[index] = try persist(array.dictionary[index]) }
    return array
  }

  private func persist(_ file: FileReference, consuming: Bool) throws(StoreError) -> FileReference {
    // A digest that a plugin claims is not believed; a path in the store is.
    if let digest = file.digest, file.path == path(of: digest), try retain(digest) { return file }
    let (digest, size) = try add(file: file.path, consuming: consuming)
    return FileReference(path: path(of: digest), size: Int64(size), mediaType: file.mediaType, digest: digest)
  }
}

extension Value {
  /// A scalar that cannot be large.
  var isPlain: Bool {
    switch self {
    case .null, .bool, .int, .float: true
    case .string(let text): text.utf8.count <= ArtifactStore.inlineLimit
    default: false
    }
  }
}

extension Payload {
  /// `withUnsafeBytes` with typed errors.
  func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws(StoreError) -> R) throws(StoreError) -> R {
    let result: Result<R, StoreError> = withUnsafeBytes { bytes in
      do throws(StoreError) { return .success(try body(bytes)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}
