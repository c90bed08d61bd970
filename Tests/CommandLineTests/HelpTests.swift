import ArgumentParser
import Foundation
import Testing
import Workspace

@testable import assay

private let snapshots = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Snapshots")

/// Compares with the file of that name; `ASSAY_RECORD=1 swift test` writes it instead.
func expectSnapshot(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
  let file = snapshots.appending(path: name)
  if ProcessInfo.processInfo.environment["ASSAY_RECORD"] != nil {
    try text.write(to: file, atomically: true, encoding: .utf8)
    return
  }
  let expected = (try? String(contentsOf: file, encoding: .utf8)) ?? "there is no snapshot \(name)"
  #expect(text == expected, sourceLocation: sourceLocation)
}

/// Every command with the words that call it.
func commands(
  _ command: any ParsableCommand.Type = Assay.self, _ path: [String] = ["assay"]
) -> [(path: [String], command: any ParsableCommand.Type)] {
  [(path, command)]
    + Assay.subcommands(of: command).flatMap { commands($0, path + [Assay.name($0)]) }
}

@Test(arguments: commands().map(\.path))
func helpIsWhatItWas(path: [String]) throws {
  let command = try #require(commands().first { $0.path == path }).command
  let help = Assay.helpMessage(for: command, includeHidden: false, columns: 80)
  try expectSnapshot(help + (help.hasSuffix("\n") ? "" : "\n"), path.joined(separator: "-") + ".txt")
}

@Test func everyCommandHasExamples() {
  for (path, command) in commands() {
    let words = path.joined(separator: " ")
    #expect(command.configuration.discussion.contains("EXAMPLES:\n"), "\(words)")
    #expect(command.configuration.abstract.hasSuffix("."), "\(words)")
  }
}

@Test func noSnapshotIsLeftOver() throws {
  let expected = Set(commands().map { $0.path.joined(separator: "-") + ".txt" })
  let files = try FileManager.default.contentsOfDirectory(atPath: snapshots.path)
  #expect(Set(files.filter { $0.hasPrefix("assay") }).subtracting(expected).isEmpty)
}

@Test func theExitCodesOfTheHelpAreThoseOfTheEngine() {
  let help = Assay.configuration.discussion
  for code in [Status.ok, .failed, .usage, .document, .notFound, .waiting, .budget, .plugin, .store, .bug] {
    #expect(help.contains(" \(code.rawValue) "), "\(code)")
  }
}

@Test(arguments: [
  (["rnu"], "there is no command `assay rnu`", "did you mean `assay run`?"),
  (["runs", "shwo"], "there is no command `assay runs shwo`", "did you mean `assay runs show`?"),
  (["qqqqqqqq"], "there is no command `assay qqqqqqqq`", "assay --help"),
])
func unknownCommands(arguments: [String], message: String, help: String) throws {
  let error = try #require(Assay.unknownCommand(arguments))
  #expect(error.message == message)
  #expect(error.help == help)
}

@Test(arguments: [
  ["run", "file"], ["--help"], [], ["help", "run"], ["check", "runs"], ["runs"], ["run", "--seed", "1"],
])
func knownCommands(arguments: [String]) { #expect(Assay.unknownCommand(arguments) == nil) }
