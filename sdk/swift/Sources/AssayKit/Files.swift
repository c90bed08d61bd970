internal import CAssay
internal import Glibc

/// A file: an input in the store (read-only), or a new one that becomes an output.
public struct File {
  /// Where the bytes are.
  public let path: String
  /// `text/csv`, or empty when it is not known.
  public let mediaType: String
  /// `sha256:…` of an input, empty for a new file.
  public let digest: String
  private let source: FileSource

  /// A new file with this text: `report = File(text: html, name: "report.html")`.
  public init(text: String, name: String) { self.init(bytes: Array(text.utf8), name: name) }

  /// A new file with these bytes.
  public init(bytes: [UInt8], name: String) {
    path = ""
    mediaType = ""
    digest = ""
    source = .bytes(bytes, name: name)
  }

  /// A new file with the contents of one in the temporary directory.
  public init(contentsOf path: String, name: String) {
    self.path = path
    mediaType = ""
    digest = ""
    source = .path(path, name: name)
  }

  init(artifact: NewArtifact) {
    path = artifact.path
    mediaType = ""
    digest = ""
    source = .artifact(artifact)
  }

  /// The contents. Throws `io.read` when they cannot be read.
  public func bytes() throws -> [UInt8] {
    if case .bytes(let bytes, _) = source { return bytes }
    return try readBytes(path)
  }

  /// The contents as text; bytes that are not UTF-8 are repaired.
  public func text() throws -> String { String(decoding: try bytes(), as: UTF8.self) }

  /// Appends to a file made by `Context.makeFile`.
  public func write(_ text: String) throws { try write(Array(text.utf8)) }

  /// Appends to a file made by `Context.makeFile`.
  public func write(_ bytes: [UInt8]) throws {
    guard case .artifact(let artifact) = source else {
      throw TaskFailure("only a file made by Context.makeFile can be written to", code: "io.write", kind: .contract)
    }
    try writeBytes(bytes, to: artifact.path, append: true)
  }
}

private enum FileSource {
  case input(UnsafePointer<assay_value>)
  case bytes([UInt8], name: String)
  case path(String, name: String)
  case artifact(NewArtifact)
}

extension File: AssayValue {
  /// `file`; say `type: "file<csv>"` for a format.
  public static var assayType: String { "file" }

  /// Reads a file's reference; the contents are read on demand.
  public init(assay value: Incoming) throws {
    try value.expect(ASSAY_FILE, "a file")
    let artifact = try artifact(of: value)
    path = artifact.path.map { String(cString: $0) } ?? ""
    mediaType = artifact.media_type.map { String(cString: $0) } ?? ""
    digest = artifact.digest.map { String(cString: $0) } ?? ""
    source = .input(value.raw)
  }

  /// Writes and commits the file; an input goes on as it is.
  public func encode(_ outlet: Outlet) throws -> Encoded {
    switch source {
    case .input(let value): return try forward(value, outlet)
    case .artifact(let artifact): return try artifact.commit()
    case .bytes(let bytes, let name):
      let artifact = try NewArtifact(outlet, name: name)
      try writeBytes(bytes, to: artifact.path, append: false)
      return try artifact.commit()
    case .path(let path, let name):
      let artifact = try NewArtifact(outlet, name: name)
      try writeBytes(try readBytes(path), to: artifact.path, append: false)
      return try artifact.commit()
    }
  }
}

/// A directory: an input in the store (read-only), or a new one made by `Context.makeDirectory`.
public struct Directory {
  /// Absolute path.
  public let path: String
  /// `sha256:…` of an input, empty for a new one.
  public let digest: String
  private let source: FileSource

  init(artifact: NewArtifact) {
    path = artifact.path
    digest = ""
    source = .artifact(artifact)
  }

  /// A new file in a directory made by `Context.makeDirectory`.
  public func write(_ text: String, name: String) throws {
    guard case .artifact = source else {
      throw TaskFailure("an input cannot be written to", code: "io.write", kind: .contract)
    }
    try writeBytes(Array(text.utf8), to: path + "/" + name, append: false)
  }

  /// The contents of a file in it, as text.
  public func text(_ name: String) throws -> String {
    String(decoding: try readBytes(path + "/" + name), as: UTF8.self)
  }
}

extension Directory: AssayValue {
  /// `dir`.
  public static var assayType: String { "dir" }
  /// Reads a directory's reference.
  public init(assay value: Incoming) throws {
    try value.expect(ASSAY_DIR, "a directory")
    let artifact = try artifact(of: value)
    path = artifact.path.map { String(cString: $0) } ?? ""
    digest = artifact.digest.map { String(cString: $0) } ?? ""
    source = .input(value.raw)
  }
  /// Commits the directory; an input goes on as it is.
  public func encode(_ outlet: Outlet) throws -> Encoded {
    switch source {
    case .input(let value): try forward(value, outlet)
    case .artifact(let artifact): try artifact.commit()
    default: throw TaskFailure("not a directory", kind: .contract)
    }
  }
}

/// A file or directory that becomes an output: made by the engine, or, within a list or record, in the attempt's
/// temporary directory.
final class NewArtifact {
  let path: String
  private let outlet: Outlet
  /// Of the engine; nil: ours.
  private let raw: UnsafeMutablePointer<assay_artifact>?
  private var isCommitted = false

  init(_ outlet: Outlet, name: String) throws {
    self.outlet = outlet
    if outlet.isNested {
      raw = nil
      path = try outlet.scope.newPath(name)
      return
    }
    var made: UnsafeMutablePointer<assay_artifact>?
    guard let make = outlet.scope.host.pointee.artifact, make(outlet.scope.run, outlet.port, name, &made) == ASSAY_OK,
      let made, let path = made.pointee.path
    else { throw TaskFailure("the engine could not make the file `\(name)`", code: "io.create", kind: .resource) }
    raw = made
    self.path = String(cString: path)
  }

  /// Hands it over; the engine takes a committed file as the port's output.
  func commit() throws -> Encoded {
    guard let raw else { return OwnArtifact(path: path).encoded() }
    if !isCommitted {
      guard let commit = outlet.scope.host.pointee.commit, commit(outlet.scope.run, raw) == ASSAY_OK else {
        throw TaskFailure("the engine could not keep `\(path)`", code: "io.commit", kind: .resource)
      }
      isCommitted = true
    }
    return Encoded(kind: Encoded.committed)
  }
}

/// The description of a file in a list or record.
private final class OwnArtifact {
  private let text: UnsafePointer<CChar>
  private let raw: UnsafeMutablePointer<assay_artifact>

  init(path: String) {
    text = cString(path)
    raw = .allocate(capacity: 1)
    raw.initialize(to: assay_artifact())
    raw.pointee.struct_size = UInt32(MemoryLayout<assay_artifact>.size)
    raw.pointee.path = text
    raw.pointee.fd = -1
    var status = stat()
    if stat(path, &status) == 0 { raw.pointee.size = UInt64(status.st_size) }
  }

  deinit {
    raw.deallocate()
    text.deallocate()
  }

  func encoded() -> Encoded { Encoded(kind: ASSAY_FILE, data: raw, count: 1, owner: self) }
}

private func artifact(of value: Incoming) throws -> assay_artifact {
  guard let data = value.raw.pointee.data else { throw TaskFailure("has no path", kind: .contract) }
  return data.assumingMemoryBound(to: assay_artifact.self).pointee
}

/// An input as an output.
func forward(_ value: UnsafePointer<assay_value>, _ outlet: Outlet) throws -> Encoded {
  var kept = assay_value()
  guard let retain = outlet.scope.host.pointee.retain, retain(outlet.scope.run, value, &kept) == ASSAY_OK else {
    throw TaskFailure("the engine could not pass the input on", kind: .contract)
  }
  return Encoded(kept)
}

private func readBytes(_ path: String) throws -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw failure("read", path) }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw failure("read", path) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: max(65_536, min(Int(status.st_size) + 1, 1 << 24)))
  while true {
    let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    if count == 0 { return bytes }
    guard count > 0 else {
      if errno == EINTR { continue }
      throw failure("read", path)
    }
    bytes.append(contentsOf: chunk[..<count])
  }
}

private func writeBytes(_ bytes: [UInt8], to path: String, append: Bool) throws {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC), 0o644)
  guard descriptor >= 0 else { throw failure("write", path) }
  var written = 0
  while written < bytes.count {
    let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written) }
    if count < 0 {
      if errno == EINTR { continue }
      let error = failure("write", path)
      close(descriptor)
      throw error
    }
    written += count
  }
  guard close(descriptor) == 0 else { throw failure("write", path) }
}

/// `io.read` or `io.write` with the system's reason.
private func failure(_ verb: String, _ path: String) -> TaskFailure {
  let number = errno
  let reason = strerror(number).map { String(cString: $0) } ?? "error \(number)"
  return TaskFailure("cannot \(verb) `\(path)`: \(reason)", code: "io.\(verb)", kind: .resource, number: number)
}
