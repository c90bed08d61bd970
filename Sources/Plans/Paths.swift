package import Diagnostics

extension SourceFile {
  /// A path written in this document, relative to the document's folder.
  package func resolve(_ relative: String) -> String {
    if relative.hasPrefix("/") { return relative }
    var folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().map(String.init)
    for part in relative.split(separator: "/") {
      switch part {
      case ".": continue
      case ".." where !folder.isEmpty && folder.last != ".." && folder.last != "": folder.removeLast()
      default: folder.append(String(part))
      }
    }
    return folder.joined(separator: "/")
  }
}
