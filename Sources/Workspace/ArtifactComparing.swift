internal import Artifacts
package import Comparisons
internal import Foundation
internal import Values

extension Workspace {
  /// How two artifacts differ, in the terms of what they are.
  package func compare(_ before: FoundArtifact, _ after: FoundArtifact) throws(WorkspaceError) -> ArtifactComparison {
    if let digest = before.digest, digest == after.digest { return .same }
    switch (before.value, after.value) {
    case (.directory(let a), .directory(let b)): return .directory(try files(a, b))
    case (.file, .file): return ArtifactComparison(bytes: try bytes(before.value), try bytes(after.value))
    // A table as a file and one as a value are compared as tables.
    case (.file, .tensor), (.file, .table), (.tensor, .file), (.table, .file):
      return ArtifactComparison(try contents(before.value), try contents(after.value))
    default: return ArtifactComparison(before.value, after.value)
    }
  }

  private func files(_ a: FileReference, _ b: FileReference) throws(WorkspaceError) -> [ArtifactComparison.File] {
    guard let x = a.digest, let y = b.digest else { return [] }
    let store = try artifactStore()
    func entries(_ digest: Digest) throws(StoreError) -> [String: TreeManifest.Entry.Kind] {
      Dictionary(try store.manifest(of: digest).entries.map { ($0.path, $0.kind) }) { first, _ in first }
    }
    do throws(StoreError) {
      let (before, after) = (try entries(x), try entries(y))
      return Set(before.keys).union(after.keys).sorted().compactMap { path in
        if before[path] == after[path] { return nil }
        let change: ArtifactComparison.File.Change =
          before[path] == nil ? .added : after[path] == nil ? .removed : .changed
        return ArtifactComparison.File(path: path, change: change)
      }
    } catch {
      throw WorkspaceError(error)
    }
  }

  private func bytes(_ value: Value) throws(WorkspaceError) -> Payload {
    guard case .file(let file) = value,
      let data = try? Data(contentsOf: URL(filePath: file.path), options: .alwaysMapped)
    else { throw WorkspaceError(.store, "an artifact cannot be read", help: "assay artifact verify") }
    return Payload([UInt8](data))
  }

  /// A file that is a tensor or a table, as one.
  private func contents(_ value: Value) throws(WorkspaceError) -> Value {
    guard case .file = value else { return value }
    let bytes = try bytes(value)
    if let tensor = try? NumpyFile.read(bytes) { return .tensor(tensor) }
    if let table = try? ArrowFile.read(bytes) { return .table(table) }
    return value
  }
}
