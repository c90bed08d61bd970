internal import Glibc
internal import Values

extension Disk {
  /// What comes next in a file.
  enum Piece {
    case bytes(UnsafeRawBufferPointer)
    /// So many zeros that lie nowhere on the disk.
    case hole(Int)

    var count: Int {
      switch self {
      case .bytes(let bytes): bytes.count
      case .hole(let count): count
      }
    }

    /// Its bytes; those of a hole in parts that stay in the processor's cache.
    func forEachPart(_ body: (UnsafeRawBufferPointer) throws(StoreError) -> Void) throws(StoreError) {
      guard case .hole(var rest) = self else {
        if case .bytes(let bytes) = self { try body(bytes) }
        return
      }
      while rest > 0 {
        let count = min(rest, Disk.zeros.count)
        try Disk.zeros.withBytes { (bytes) throws(StoreError) in
          try body(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        }
        rest -= count
      }
    }
  }

  private static let zeros = Payload([UInt8](repeating: 0, count: 1 << 16))
}

extension Disk.File {
  /// Reads the file to its end, a chunk at a time; holes are not read.
  func forEachPiece(_ body: (Disk.Piece) throws(StoreError) -> Void) throws(StoreError) {
    let status = try status()
    let size = Int(status.st_size)
    // One byte more than there should be: a short read tells the end.
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(Disk.chunk, max(4096, size + 1)), alignment: 64)
    defer { buffer.deallocate() }
    var offset = 0
    var dataEnd = Int(status.st_blocks) * 512 < size ? 0 : Int.max
    while true {
      if offset >= dataEnd {
        let data = try data(from: offset)
        if data.start > offset { try body(.hole(data.start - offset)) }
        (offset, dataEnd) = (data.start, data.end)
        if data.start == data.end { return }
      }
      let wanted = min(buffer.count, dataEnd - offset)
      let count = pread(descriptor, buffer.baseAddress, wanted, off_t(offset))
      if count < 0 {
        if errno == EINTR { continue }
        throw .system(.unreadable, "cannot read", path: path)
      }
      if count == 0 { return }
      try body(.bytes(UnsafeRawBufferPointer(rebasing: buffer[..<count])))
      offset += count
      // Files of `/proc` have no size.
      if count < wanted, size > 0, offset >= size { return }
    }
  }

  /// The same, with zeros for holes.
  func forEachChunk(_ body: (UnsafeRawBufferPointer) throws(StoreError) -> Void) throws(StoreError) {
    try forEachPiece { (piece) throws(StoreError) in try piece.forEachPart(body) }
  }

  /// Where the next bytes lie that are no hole; nothing, at the end of the file, if there are none.
  private func data(from offset: Int) throws(StoreError) -> (start: Int, end: Int) {
    // 3, 4: SEEK_DATA, SEEK_HOLE.
    let start = lseek(descriptor, off_t(offset), 3)
    if start >= 0 {
      let end = lseek(descriptor, start, 4)
      return (Int(start), end > start ? Int(end) : .max)
    }
    // A file system that does not tell has no holes.
    guard errno == ENXIO else { return (offset, .max) }
    let size = max(offset, Int(try status().st_size))
    return (size, size)
  }

  /// - Parameter watch: told how many bytes have been read.
  func digest(_ watch: (Int) -> Void = { _ in }) throws(StoreError) -> Digest {
    var hasher = Hasher256()
    try forEachPiece { (piece) throws(StoreError) in
      try hasher.update(piece)
      watch(piece.count)
    }
    return hasher.digest()
  }

  /// Copies the file, with its holes, into an empty one. The digest is of the copy: the source may change under our hands.
  ///
  /// - Parameter begins: let the disk begin to write before all is there.
  func copy(
    to target: Disk.File, begins: Bool, _ watch: (Int) -> Void = { _ in }
  ) throws(StoreError) -> (digest: Digest, size: Int) {
    var hasher = Hasher256()
    var size = 0, begun = 0
    var endsInHole = false
    try forEachPiece { (piece) throws(StoreError) in
      switch piece {
      case .bytes(let bytes): try target.write(bytes)
      case .hole(let count): try target.skip(count)
      }
      if case .hole = piece { endsInHole = true } else { endsInHole = false }
      try hasher.update(piece)
      size += piece.count
      if begins, size - begun >= 8 << 20 {
        target.beginWriting(begun, size - begun)
        begun = size
      }
      watch(piece.count)
    }
    if endsInHole { try target.setSize(size) }
    return (hasher.digest(), size)
  }

  /// The bytes of a small file; nil when it is larger than `limit`, or does not say how large it is.
  func contents(limit: Int) throws(StoreError) -> [UInt8]? {
    let size = Int(try status().st_size)
    guard size > 0, size <= limit else { return nil }
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let found = pread(descriptor, buffer.baseAddress.map { $0 + count }, size - count, off_t(count))
        if found < 0, errno == EINTR { continue }
        if found < 0 { failure = errno }
        if found <= 0 { return }
        count += found
      }
    }
    guard failure == 0 else { throw .system(.unreadable, "cannot read", path: path, failure) }
    return bytes
  }
}

extension Hasher256 {
  fileprivate mutating func update(_ piece: Disk.Piece) throws(StoreError) {
    try piece.forEachPart { (bytes) throws(StoreError) in update(bytes) }
  }
}
