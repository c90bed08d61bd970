package import Diagnostics

extension Checked {
  /// The corrections of one document that are certain, in text order.
  package func fixes(in file: SourceFile) -> [Fix] {
    diagnostics.filter { $0.primary.file == file }.compactMap(\.fix)
  }

  /// The text of a document after its certain corrections, and those that were made; the others are in each other's way
  /// and found again by the next check.
  package func fixed(_ file: SourceFile) -> (text: String, applied: [Fix]) { apply(fixes(in: file), to: file.text) }
}
