/// What `assay explain CODE` says: the rule behind a diagnostic, a wrong and a right example.
package struct Explanation: Sendable, Hashable {
  package var code: String
  package var title: String
  package var text: String
  /// Members of a workflow, or a whole document when it begins with `assay`.
  package var wrong: String
  package var right: String

  init(_ code: String, _ title: String, _ text: String, wrong: String, right: String) {
    self.code = code
    self.title = title
    self.text = text
    self.wrong = wrong
    self.right = right
  }
}

package enum Explanations {
  /// In the order of their codes.
  package static let all =
    (ofForm + ofNames + ofTypes + ofSteps + ofWarnings + ofFunctions + ofExperiments + ofStrategies + ofSpaces + ofLogs)
    .sorted { $0.code < $1.code }

  private static let byCode = Dictionary(uniqueKeysWithValues: all.map { ($0.code, $0) })

  /// Upper and lower case are the same.
  package static func explanation(for code: String) -> Explanation? { byCode[code.uppercased()] }

  /// The whole explanation as text for a terminal; nil for a code that does not exist.
  package static func text(for code: String) -> String? {
    guard let found = explanation(for: code) else { return nil }
    return """
      \(found.code): \(found.title)

      \(found.text)

      Wrong:
      \(indented(found.wrong))

      Right:
      \(indented(found.right))

      """
  }

  /// The same as Markdown, for editors.
  package static func markdown(for code: String) -> String? {
    guard let found = explanation(for: code) else { return nil }
    return """
      # \(found.code): \(found.title)

      \(found.text)

      ## Wrong

      ```assay
      \(found.wrong)
      ```

      ## Right

      ```assay
      \(found.right)
      ```

      """
  }

  private static func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "    " + $0 }
      .joined(separator: "\n")
  }
}
