internal import ArgumentParser
internal import Diagnostics
internal import Manuals
internal import Workspace

extension Assay {
  /// A word where a command is expected but that is none.
  static func unknownCommand(_ arguments: [String]) -> WorkspaceError? {
    let (path, command, rest) = walk(arguments)
    let names = subcommands(of: command).map(name) + ["help"]
    guard names.count > 1, let word = rest.first, !word.hasPrefix("-"), !names.contains(word) else { return nil }
    let suggestion = nearest(word, names).map { "did you mean `\((path + [$0]).joined(separator: " "))`?" }
    return WorkspaceError(
      .usage, "there is no command `\((path + [word]).joined(separator: " "))`",
      help: suggestion ?? "\(path.joined(separator: " ")) --help")
  }

  /// What the parser says, in our form.
  static func usageError(_ error: any Error, _ arguments: [String]) -> WorkspaceError {
    let (path, _, rest) = walk(arguments)
    if let error = unknownOption(path, rest) { return error }
    var text = message(for: error)
    while text.last == "\n" { text.removeLast() }
    if let first = text.first, first.isUppercase, text.dropFirst().first?.isLowercase == true {
      text = first.lowercased() + text.dropFirst()
    }
    return WorkspaceError(.usage, text, help: "\(path.joined(separator: " ")) --help")
  }

  /// A word with dashes that is no option. The parser complains about what is missing first, which leads astray.
  private static func unknownOption(_ path: [String], _ rest: ArraySlice<String>) -> WorkspaceError? {
    guard let names = manual?.find(path.dropFirst())?.optionNames else { return nil }
    for word in rest.prefix(while: { $0 != "--" }) where word.hasPrefix("--") {
      let name = String(word.prefix { $0 != "=" })
      guard !names.contains(name) else { continue }
      let near = nearest(name, names).map { "did you mean `\($0)`?" }
      return WorkspaceError(
        .usage, "`\(path.joined(separator: " "))` has no option `\(name)`",
        help: near ?? "\(path.joined(separator: " ")) --help")
    }
    return nil
  }

  /// The colour that was asked for, before anything is parsed.
  static func colorChoice(_ arguments: [String]) -> ColorChoice {
    value(of: "--color", arguments).flatMap(ColorChoice.init(rawValue:)) ?? .auto
  }

  /// Whether a program reads standard output, before anything is parsed.
  static func wantsJSON(_ arguments: [String]) -> Bool {
    arguments.contains("--json") || ["--format", "--progress"].contains { value(of: $0, arguments) == "json" }
  }

  private static func value(of option: String, _ arguments: [String]) -> String? {
    for (index, argument) in arguments.enumerated() {
      if argument.hasPrefix(option + "=") { return String(argument.dropFirst(option.count + 1)) }
      if argument == option, index + 1 < arguments.count { return arguments[index + 1] }
    }
    return nil
  }

  /// Follows the names of commands as far as they go.
  private static func walk(
    _ arguments: [String]
  ) -> (path: [String], command: any ParsableCommand.Type, rest: ArraySlice<String>) {
    var path = ["assay"]
    var command: any ParsableCommand.Type = Assay.self
    var rest = arguments[...]
    if rest.first == "help" { rest = rest.dropFirst() }
    while let word = rest.first, let next = subcommands(of: command).first(where: { name($0) == word }) {
      path.append(word)
      command = next
      rest = rest.dropFirst()
    }
    return (path, command, rest)
  }

  static func subcommands(of command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
    command.configuration.subcommands + command.configuration.groupedSubcommands.flatMap(\.subcommands)
  }

  static func name(_ command: any ParsableCommand.Type) -> String {
    command.configuration.commandName ?? "\(command)".lowercased()
  }
}
