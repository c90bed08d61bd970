internal import Glibc
package import Values

/// Artifacts in one file, for another store: a tar file (ustar) of
/// ```
/// assay-archive.json     what is in it: versions of names with their values, types, tags and history; objects
/// objects/<64 hex>       the bytes of each artifact
/// ```
/// Nothing else is accepted when it is read, nothing is taken from it under a name of its choosing, and no byte counts
/// before its digest has been computed.
package enum Archive {
  package static let manifestName = "assay-archive.json"
  static let schema = "assay.archive/1"
  static let mostManifestBytes: Int64 = 256 << 20

  package struct Contents: Sendable {
    package var engine: String
    package var by: String
    package var host: String
    package var versions: [Entry]
    /// Bytes by digest.
    package var objects: [Digest: Int64]

    package init(engine: String, by: String, host: String, versions: [Entry], objects: [Digest: Int64]) {
      self.engine = engine
      self.by = by
      self.host = host
      self.versions = versions
      self.objects = objects
    }
  }

  package struct Entry: Sendable {
    package var version: ArtifactVersion
    package var tags: [String]
    package var stages: [String]

    package init(version: ArtifactVersion, tags: [String], stages: [String]) {
      self.version = version
      self.tags = tags
      self.stages = stages
    }
  }
}

extension ArtifactStore {
  /// Writes an archive, complete or not at all.
  package func export(
    _ contents: Archive.Contents, to path: String, progress: (StoreProgress) -> Void = { _ in }
  ) throws(StoreError) {
    let temporary = "\(path).\(getpid()).partial"
    unlink(temporary)
    do throws(StoreError) {
      let file = try Disk.File(creating: temporary)
      let manifest = Array(contents.json.pretty.utf8)
      try file.put(Tar.header(Archive.manifestName, size: Int64(manifest.count)))
      try file.put(manifest + [UInt8](repeating: 0, count: Tar.padding(Int64(manifest.count))))
      for (digest, size) in contents.objects.sorted(by: { $0.key < $1.key }) {
        try file.put(Tar.header("objects/\(digest.hex)", size: size))
        // What is damaged here shall not travel.
        var hasher = Hasher256()
        try Disk.File(reading: self.path(of: digest)).forEachChunk { (chunk) throws(StoreError) in
          hasher.update(chunk)
          try file.write(chunk)
          progress(StoreProgress(bytes: Int64(chunk.count), read: Int64(chunk.count)))
        }
        guard hasher.digest() == digest else {
          throw StoreError(.torn, "artifact \(digest.short) is damaged", path: self.path(of: digest))
        }
        try file.put([UInt8](repeating: 0, count: Tar.padding(size)))
        progress(StoreProgress(files: 1))
      }
      try file.put([UInt8](repeating: 0, count: 2 * Tar.block))
      try file.setMode(0o644)
      try file.synchronise()
      try Disk.rename(temporary, to: path)
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Reads an archive into the store; every digest is computed. The versions are not named yet; their values are whole.
  package func `import`(
    _ path: String, progress: (StoreProgress) -> Void = { _ in }
  ) throws(StoreError) -> Archive.Contents {
    let source = try ArchiveReader(path)
    let contents = try source.contents()
    try checkRoom(contents, path)
    try receive(contents.objects, from: source, progress)
    for entry in contents.versions { try check(entry.version, contents, path) }
    return contents
  }

  /// All objects of the archive and nothing else; in batches, so that many small ones do not wait for the disk one by one.
  private func receive(
    _ objects: [Digest: Int64], from source: ArchiveReader, _ progress: (StoreProgress) -> Void
  ) throws(StoreError) {
    var missing = objects
    let path = source.path
    var staged: [Staged] = []
    do throws(StoreError) {
      while let (name, size) = try source.next() {
        guard name.hasPrefix("objects/"), let digest = Digest(hex: name.dropFirst(8)), let expected = missing[digest]
        else {
          throw StoreError(
            .malformed, "`\(name)` does not belong into an archive of artifacts, or not twice", path: path)
        }
        guard size == expected else {
          throw StoreError(.malformed, "artifact \(digest.short) has another size than the archive says", path: path)
        }
        var object = try take(source, digest, size, progress)
        object.file = nil
        staged.append(object)
        missing[digest] = nil
        progress(StoreProgress(files: 1))
        if staged.count == 1024 {
          defer { staged = [] }
          try adopt(staged)
        }
      }
      guard missing.isEmpty else {
        throw StoreError(.malformed, "the archive is not complete: \(missing.count) artifacts are missing", path: path)
      }
    } catch {
      for file in staged { unlink(file.path) }
      throw error
    }
    try adopt(staged)
  }

  /// One artifact, under a temporary name until its bytes are known.
  private func take(
    _ source: ArchiveReader, _ digest: Digest, _ size: Int64, _ progress: (StoreProgress) -> Void
  ) throws(StoreError) -> Staged {
    try stage { (file) throws(StoreError) in
      var hasher = Hasher256()
      try source.read(size) { (chunk) throws(StoreError) in
        hasher.update(chunk)
        try file.write(chunk)
        progress(StoreProgress(bytes: Int64(chunk.count), read: Int64(chunk.count)))
      }
      guard hasher.digest() == digest else {
        throw StoreError(
          .malformed, "the bytes of artifact \(digest.short) are not what its name says", path: source.path)
      }
      return (digest, ())
    }.0
  }

  private func checkRoom(_ contents: Archive.Contents, _ path: String) throws(StoreError) {
    var needed: Int64 = 0
    for (digest, size) in contents.objects where !contains(digest) {
      let (sum, overflow) = needed.addingReportingOverflow(size)
      guard !overflow else { throw StoreError(.malformed, "the sizes in the archive make no sense", path: path) }
      needed = sum
    }
    var room = statvfs()
    guard statvfs(directory, &room) == 0 else { return }
    let (free, overflow) = Int64(clamping: room.f_bavail).multipliedReportingOverflow(
      by: Int64(clamping: room.f_frsize))
    guard overflow || needed <= free else {
      throw StoreError(
        .full, "the archive needs \(ByteSize.text(needed)), there is room for \(ByteSize.text(free))", path: path)
    }
  }

  /// The value is what the version says it is, of artifacts that came along.
  private func check(_ version: ArtifactVersion, _ contents: Archive.Contents, _ path: String) throws(StoreError) {
    func refused(_ why: String) -> StoreError {
      StoreError(.malformed, "`\(version.reference)` in the archive: \(why)", path: path)
    }
    for part in [version.digest] + version.parts where contents.objects[part] == nil {
      throw refused("artifact \(part.short) did not come along")
    }
    for part in try self.contents(of: version) where contents.objects[part] == nil {
      throw refused("artifact \(part.short), part of a directory, did not come along")
    }
    let value = try decode(version.form)
    guard version.type.check(value) == nil else { throw refused("its value is not of type \(version.type)") }
    let described = try describe(value)
    guard described.digest == version.digest, Set(described.parts) == Set(version.parts) else {
      throw refused("its value is another one than its digest says")
    }
  }
}

/// Reads the files of an archive one after another.
final class ArchiveReader {
  let path: String
  private let file: Disk.File
  private let size: Int64
  private var offset: Int64 = 0

  init(_ path: String) throws(StoreError) {
    self.path = path
    file = try Disk.File(reading: path)
    let status = try file.status()
    guard Disk.kind(status) == S_IFREG else { throw StoreError(.unsupported, "not a regular file", path: path) }
    size = Int64(status.st_size)
  }

  /// The manifest, which comes first.
  func contents() throws(StoreError) -> Archive.Contents {
    guard let (name, size) = try next(), name == Archive.manifestName, size <= Archive.mostManifestBytes else {
      throw StoreError(
        .malformed, "not an archive of artifacts (it does not begin with \(Archive.manifestName))", path: path)
    }
    var bytes: [UInt8] = []
    try read(size) { bytes += $0 }
    guard let json = try? JSON.parse(bytes), let contents = Archive.Contents(json) else {
      throw StoreError(.malformed, "not an archive that this version can read", path: path)
    }
    // Nothing is compressed: what is said to be in it has to fit.
    guard contents.objects.values.allSatisfy({ $0 <= self.size - offset }) else {
      throw StoreError(.malformed, "the archive says that it holds more than it does", path: path)
    }
    return contents
  }

  /// The next file; nil at the end. What was there of the one before has to be read.
  func next() throws(StoreError) -> (name: String, size: Int64)? {
    var block: [UInt8] = []
    try chunks(Int64(Tar.block)) { block += $0 }
    guard let entry = try Tar.entry(block, path: path) else { return nil }
    guard entry.size <= size - offset else { throw StoreError(.malformed, "the archive ends too early", path: path) }
    return entry
  }

  /// The bytes of the file that `next` has named.
  func read(_ count: Int64, _ body: (UnsafeRawBufferPointer) throws(StoreError) -> Void) throws(StoreError) {
    try chunks(count, body)
    offset += Int64(Tar.padding(count))
  }

  private func chunks(_ count: Int64, _ body: (UnsafeRawBufferPointer) throws(StoreError) -> Void) throws(StoreError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Disk.chunk, alignment: 64)
    defer { buffer.deallocate() }
    var rest = count
    while rest > 0 {
      let found = pread(file.descriptor, buffer.baseAddress, Int(min(rest, Int64(buffer.count))), off_t(offset))
      if found < 0, errno == EINTR { continue }
      guard found >= 0 else { throw StoreError.system(.unreadable, "cannot read", path: path) }
      guard found > 0 else { throw StoreError(.malformed, "the archive ends too early", path: path) }
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<found]))
      rest -= Int64(found)
      offset += Int64(found)
    }
  }
}

extension Disk.File {
  fileprivate func put(_ bytes: [UInt8]) throws(StoreError) {
    try Payload(bytes).withBytes { (bytes) throws(StoreError) in try write(bytes) }
  }
}

extension Archive.Contents {
  fileprivate var json: JSON {
    .object([
      .init("schema", .string(Archive.schema)), .init("engine", .string(engine)), .init("by", .string(by)),
      .init("host", .string(host)),
      .init(
        "versions",
        .array(
          versions.map { entry in
            let version = entry.version
            return .object([
              .init("name", .string(version.name)), .init("version", .int(Int64(version.version))),
              .init("digest", .string(version.digest.hex)), .init("type", .string(version.type.description)),
              .init("size", .int(version.size)),
              .init("form", .string(version.form.withUnsafeBytes { Base64.encode($0) })),
              .init("parts", .array(version.parts.map { .string($0.hex) })), .init("origin", .string(version.origin)),
              .init("history", .string(version.history)), .init("tags", .array(entry.tags.map { .string($0) })),
              .init("stages", .array(entry.stages.map { .string($0) })),
            ])
          })),
      .init(
        "objects",
        .array(
          objects.sorted { $0.key < $1.key }.map {
            .object([.init("digest", .string($0.key.hex)), .init("size", .int($0.value))])
          })),
    ])
  }

  /// Nil for everything that this version does not write.
  fileprivate init?(_ json: JSON) {
    guard json["schema"]?.asString == Archive.schema, let engine = json["engine"]?.asString,
      let by = json["by"]?.asString, let host = json["host"]?.asString, let listed = json["objects"]?.asArray,
      let versions = json["versions"]?.asArray
    else { return nil }
    self.init(engine: engine, by: by, host: host, versions: [], objects: [:])
    for object in listed {
      guard let digest = object["digest"]?.asString.flatMap({ Digest(hex: $0) }), let size = object["size"]?.asInt,
        size >= 0, objects.updateValue(size, forKey: digest) == nil
      else { return nil }
    }
    for version in versions {
      guard let entry = Archive.Entry(version) else { return nil }
      self.versions.append(entry)
    }
  }
}

extension Archive.Entry {
  fileprivate init?(_ json: JSON) {
    func words(_ name: String) -> [String]? {
      guard let items = json[name]?.asArray else { return nil }
      let words = items.compactMap(\.asString)
      return words.count == items.count ? words : nil
    }
    guard let name = json["name"]?.asString, (try? ArtifactName.check(name)) != nil,
      let number = json["version"]?.asInt, let version = Int(exactly: number),
      let digest = json["digest"]?.asString.flatMap({ Digest(hex: $0) }),
      let type = json["type"]?.asString.flatMap({ try? ValueType.parse($0) }), let size = json["size"]?.asInt,
      let form = json["form"]?.asString.flatMap({ Base64.decode($0) }), let origin = json["origin"]?.asString,
      let history = json["history"]?.asString, let tags = words("tags"), let stages = words("stages"),
      let hexes = words("parts")
    else { return nil }
    let parts = hexes.compactMap { Digest(hex: $0) }
    guard parts.count == hexes.count, (tags + stages).allSatisfy({ (try? ArtifactName.check(tag: $0)) != nil }) else {
      return nil
    }
    self.init(
      version: ArtifactVersion(
        name: name, version: version, digest: digest, type: type, size: size, form: form, parts: parts, origin: origin,
        history: history), tags: tags, stages: stages)
  }
}
