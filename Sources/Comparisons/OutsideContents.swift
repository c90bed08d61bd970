/// Which arguments of a run come from outside its workflow: files and named artifacts that a document names.
package struct OutsideContents {
  private let texts: DocumentTexts

  package init(_ record: RunRecord) { texts = DocumentTexts(record) }

  /// Of a parameter that no input and no step gives.
  package func isNamed(by parameter: String, path: String) -> Bool {
    texts.expressions(path: path, parameter: parameter).values.contains { text in
      ["artifact(", "file(", "dir("].contains { text.contains($0) }
    }
  }
}
