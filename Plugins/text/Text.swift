public import AssayKit

// std.text: small tasks on text, enough to say hello.

/// One greeting.
struct Greet: AssayTask {
  static let task = TaskInfo(
    "std.text.greet", version: "1.0.0", title: "Greet", phase: "preparation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      Greets somebody by name.

      assay> text.greet(name: "Ada")
      text = "Hello, Ada!"

      assay> text.greet(name: "")
      fails: text.empty
      """)

  @In("name", doc: "who is greeted") var name: String
  @In("greeting", doc: "the word that greets") var greeting = "Hello"
  @Out("text", doc: "the greeting") var text: String

  mutating func run(_ context: Context) throws {
    guard !name.isEmpty else { throw TaskFailure("nobody to greet", code: "text.empty", port: "name") }
    text = "\(greeting), \(name)!"
  }
}

/// Figures about a text.
struct Count: AssayTask {
  static let task = TaskInfo(
    "std.text.count", version: "1.0.0", title: "Count words", phase: "preparation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      Counts the words and characters of a text.

      assay> text.count(text: "to be or not to be")
      words = 6
      characters = 18
      """)

  @In("text", doc: "any text") var text: String
  @Out("words", doc: "runs of characters that are not white space") var words: Int
  @Out("characters", doc: "characters as a reader sees them") var characters: Int

  mutating func run(_ context: Context) throws {
    words = text.split(whereSeparator: \.isWhitespace).count
    characters = text.count
  }
}

/// Several texts as one.
struct Join: AssayTask {
  static let task = TaskInfo(
    "std.text.join", version: "1.0.0", title: "Join", phase: "preparation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      Joins texts in their order.

      assay> text.join(texts: ["to be", "not to be"], separator: " or ")
      text = "to be or not to be"
      """)

  @In("texts", doc: "what is joined") var texts: [String]
  @In("separator", doc: "what stands between two texts") var separator = " "
  @Out("text", doc: "all of them") var text: String

  mutating func run(_ context: Context) throws { text = texts.joined(separator: separator) }
}

/// Upper or lower case.
struct Letters: AssayTask {
  enum Case: String, CaseIterable, AssayEnum { case upper, lower }

  static let task = TaskInfo(
    "std.text.letters", version: "1.0.0", title: "Upper or lower case", phase: "preparation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      Changes all letters to upper or lower case.

      assay> text.letters(text: "Straße")
      text = "STRASSE"

      assay> text.letters(text: "ÄÖ", to: "lower")
      text = "äö"
      """)

  @In("text", doc: "any text") var text: String
  @In("to", doc: "the wanted case") var target = Case.upper
  @Out("text", doc: "the changed text") var result: String

  mutating func run(_ context: Context) throws {
    result = target == .upper ? text.uppercased() : text.lowercased()
  }
}

private let plugin = Plugin(
  id: "std.text", version: "1.0.0", license: "Apache-2.0", doc: "Small tasks on text.",
  tasks: [Greet.self, Count.self, Join.self, Letters.self])

/// Called by the engine.
@c(assay_plugin_entry)
public func entry(_ loader: AssayLoader) -> AssayDescription { plugin.enter(loader) }
