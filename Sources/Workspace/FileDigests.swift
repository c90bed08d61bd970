internal import Foundation
internal import Values

extension Value {
  /// The value with the digest of every file that has none, read from disk; nothing is stored. Directories stay as they are.
  func withDigests() throws -> Value {
    switch self {
    case .file(var reference) where reference.digest == nil:
      guard let file = FileHandle(forReadingAtPath: reference.path) else {
        throw WorkspaceError(.notFound, "cannot read \(reference.path)")
      }
      defer { try? file.close() }
      var hasher = Hasher256()
      var size = 0
      while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
        hasher.update([UInt8](piece))
        size += piece.count
      }
      reference.digest = hasher.digest()
      reference.size = Int64(size)
      return .file(reference)
    case .list(let items): return .list(try items.map { try $0.withDigests() })
    case .record(let fields): return .record(try fields.map { Field($0.name, try $0.value.withDigests()) })
    default: return self
    }
  }
}
