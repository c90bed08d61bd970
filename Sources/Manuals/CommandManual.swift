package import Values

/// What is known about a command from its definition: the source of its manual page.
package struct CommandManual: Sendable, Equatable {
  package struct Argument: Sendable, Equatable {
    package enum Kind: String, Sendable { case positional, option, flag }
    package var kind: Kind
    /// `-s`, `--set`: with their dashes, short ones first. Empty for a positional.
    package var names: [String]
    package var value: String
    package var about: String
    package var initial: String
    /// The words that are allowed, where they are few.
    package var words: [String]
    package var isOptional: Bool
    /// An option that may stand without its value.
    package var isValueOptional: Bool
    package var isRepeating: Bool
  }

  /// The words that call it: `assay`, `runs`, `show`.
  package var path: [String]
  package var abstract: String
  package var discussion: String
  package var arguments: [Argument]
  package var subcommands: [CommandManual]

  package var name: String { path.joined(separator: " ") }

  /// From the argument parser's description of a tool (`--experimental-dump-help`); nil where it is something else.
  package init?(tool: JSON) {
    guard let command = tool["command"] else { return nil }
    self.init(command, parents: [])
  }

  private init?(_ json: JSON, parents: [String]) {
    guard let name = json["commandName"]?.asString else { return nil }
    let path = parents + [name]
    self.path = path
    abstract = json["abstract"]?.asString ?? ""
    discussion = json["discussion"]?.asString ?? ""
    arguments = (json["arguments"]?.asArray ?? []).compactMap(Argument.init)
    // `help` is the parser's own, and said on every page.
    let shown = (json["subcommands"]?.asArray ?? []).filter {
      $0["shouldDisplay"]?.asBool ?? true && $0["commandName"] != "help"
    }
    subcommands = shown.compactMap { CommandManual($0, parents: path) }
  }

  /// It and all below it, from the top.
  package var all: [CommandManual] { [self] + subcommands.flatMap(\.all) }

  /// The command that these words call.
  package func find(_ words: some Collection<String>) -> CommandManual? {
    guard let word = words.first else { return self }
    return subcommands.first { $0.path.last == word }?.find(words.dropFirst())
  }

  /// All that may stand after a dash.
  package var optionNames: [String] { arguments.flatMap(\.names) }
}

extension CommandManual.Argument {
  fileprivate init?(_ json: JSON) {
    guard let kind = json["kind"]?.asString.flatMap(Kind.init), json["shouldDisplay"]?.asBool ?? true else {
      return nil
    }
    self.kind = kind
    names = (json["names"]?.asArray ?? []).compactMap { name in
      guard let text = name["name"]?.asString else { return nil }
      return (name["kind"]?.asString == "long" ? "--" : "-") + text
    }.sorted { $0.utf8.count < $1.utf8.count }
    value = json["valueName"]?.asString ?? ""
    about = json["abstract"]?.asString ?? ""
    initial = json["defaultValue"]?.asString ?? ""
    words = (json["allValues"]?.asArray ?? []).compactMap(\.asString)
    isOptional = json["isOptional"]?.asBool ?? false
    isValueOptional = json["parsingStrategy"]?.asString == "scanningForValue"
    isRepeating = json["isRepeating"]?.asBool ?? false
  }
}
