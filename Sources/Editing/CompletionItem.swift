package import Diagnostics

/// Something that can be written at a caret.
package struct CompletionItem: Sendable, Equatable {
  package enum Kind: Sendable {
    case keyword, plugin, file, folder, task, workflow, step, value, port, field, function, type, word, variant
  }

  package var label: String
  package var kind: Kind
  /// Its type or signature, on one line.
  package var detail: String
  /// Markdown.
  package var documentation: String
  /// What is inserted; where `isSnippet`, in the snippet syntax of the protocol.
  package var insertion: String
  package var isSnippet: Bool
  /// Smaller is better: 0 fits what is expected.
  package var rank: Int
  package var replaced: Span

  init(
    _ label: String, _ kind: Kind, detail: String = "", documentation: String = "", insertion: String? = nil,
    isSnippet: Bool = false, rank: Int = 1
  ) {
    self.label = label
    self.kind = kind
    self.detail = detail
    self.documentation = documentation
    self.insertion = insertion ?? label
    self.isSnippet = isSnippet
    self.rank = rank
    replaced = Span(0, 0)
  }

  init(_ word: LanguageWord, _ kind: Kind, insertion: String? = nil, isSnippet: Bool = false, rank: Int = 3) {
    self.init(
      word.text, kind, detail: word.usage, documentation: word.doc, insertion: insertion, isSnippet: isSnippet,
      rank: rank)
  }
}

/// What there is outside of the documents: asked only where it is needed.
package struct Surroundings: Sendable {
  /// The ids of the installed plugins.
  package var plugins: @Sendable () -> [String]
  /// The names in a folder, folders with a `/` at the end. The path is as a document writes it: relative to it, or absolute.
  package var files: @Sendable (String) -> [String]

  package init(plugins: @escaping @Sendable () -> [String], files: @escaping @Sendable (String) -> [String]) {
    self.plugins = plugins
    self.files = files
  }
}
