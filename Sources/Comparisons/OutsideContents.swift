/// What the documents of a run say about the arguments of its steps: which come from outside of its workflow (files and named
/// artifacts that a document names), and how they are put together.
package struct OutsideContents {
  private let texts: DocumentTexts

  package init(_ record: RunRecord) { texts = DocumentTexts(record) }

  /// Of a parameter that no input and no step gives.
  package func isNamed(by parameter: String, path: String) -> Bool {
    texts.expressions(path: path, parameter: parameter).values.contains { text in
      ["artifact(", "file(", "dir("].contains { text.contains($0) }
    }
  }

  /// The expressions that decide about an argument, without spaces; nil: the documents do not say.
  package func expression(of parameter: String, path: String) -> String? {
    let found = texts.expressions(path: path, parameter: parameter)
    guard !found.isEmpty else { return nil }
    return found.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.filter { !$0.isWhitespace })" }
      .joined(separator: "\n")
  }
}
