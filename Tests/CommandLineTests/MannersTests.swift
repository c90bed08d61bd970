import ArgumentParser
import Foundation
import Glibc
import Testing
import Values
import Workspace

@testable import assay

// What every command has to do, whoever wrote it: the tree of commands is walked.

/// Commands that do something themselves.
private let leaves = commands().filter { Assay.subcommands(of: $0.command).isEmpty }

/// The lines under EXAMPLES, without what a shell would add.
private func examples(_ command: any ParsableCommand.Type) -> [String] {
  let lines = command.configuration.discussion.split(separator: "\n", omittingEmptySubsequences: false)
  guard let start = lines.firstIndex(of: "EXAMPLES:") else { return [] }
  return lines[(start + 1)...].prefix { $0.hasPrefix("  ") }.compactMap { line in
    let text = line.trimmingCharacters(in: .whitespaces)
    guard text.hasPrefix("assay ") else { return nil }
    // A remark stands apart by two spaces.
    let command = text.components(separatedBy: "  ")[0]
    return command.split(whereSeparator: { "|>".contains($0) }).first.map { $0.trimmingCharacters(in: .whitespaces) }
  }
}

/// Words as a shell makes them, as far as examples need it.
private func words(_ line: String) -> [String] {
  var words: [String] = []
  var word = ""
  var quote: Character?
  for character in line {
    if character == quote {
      quote = nil
    } else if quote == nil, "'\"".contains(character) {
      quote = character
    } else if character == " ", quote == nil {
      words.append(word)
      word = ""
    } else {
      word.append(character)
    }
  }
  return (words + [word]).filter { !$0.isEmpty }
}

private let allExamples = commands().flatMap { examples($0.command) }.uniqued()

extension Array where Element: Hashable {
  fileprivate func uniqued() -> [Element] {
    var seen = Set<Element>()
    return filter { seen.insert($0).inserted }
  }
}

/// All of it is JSON: one document, or one a line.
private func documents(_ text: String) throws -> [JSON] {
  if let whole = try? JSON.parse(text) { return [whole] }
  return try text.split(separator: "\n").map { try JSON.parse(String($0)) }
}

@Test func everyCommandTakesWhatAllTake() {
  for (path, command) in leaves {
    #expect(command is any Command.Type, "\(path.joined(separator: " "))")
  }
}

@Test(arguments: allExamples)
func everyExampleIsRightUsage(example: String) throws {
  let arguments = Array(words(example).dropFirst())
  #expect(Assay.unknownCommand(arguments) == nil, "\(example)")
  #expect(throws: Never.self, "\(example)") { _ = try Assay.parseAsRoot(arguments) }
}

/// What the parser makes of it, without a process for each.
@Test(arguments: leaves.map(\.path))
func aWrongOptionIsNamed(path: [String]) throws {
  func error(_ option: String) throws -> WorkspaceError? {
    let arguments = Array(path.dropFirst()) + [option]
    do {
      _ = try Assay.parseAsRoot(arguments)
      return nil
    } catch {
      return Assay.usageError(error, arguments)
    }
  }
  let unknown = try #require(try error("--nothing"))
  #expect(unknown.exit == .usage)
  #expect(unknown.message == "`\(path.joined(separator: " "))` has no option `--nothing`")
  #expect(unknown.help == path.joined(separator: " ") + " --help")
  #expect(try error("--jsno")?.help == "did you mean `--json`?")
}

@Test(arguments: [["version"], ["runs", "show"], ["check"]])
func aWrongOptionIsOneErrorInWordsAndOneForPrograms(path: [String]) throws {
  let project = try Project()
  let run = try project.start(path + ["--nothing", "--json"]).wait()
  #expect(run.exit == 2)
  let error = try run.json()
  #expect(error["schema"] == "assay.error/1")
  #expect(error["exit"] == 2)
  #expect(run.err.contains("has no option `--nothing`"))
  #expect(try project.start(path + ["--nothing"]).wait().out == "")
}

/// A document to which the examples of the help fit, and three runs of it.
private func churn() throws -> Project {
  let project = try Project([
    "churn.assay": """
    assay 1

    use "./tool.so" as tool

    workflow churn {
      in data: file = file("q3.csv")
      step prep = tool.twice(x: 1)
      step model = vary(x: prep.y) {
        variant forest = tool.twice()
        variant boost = tool.flaky()
        default forest
      }
      step fit = tool.note(x: i) foreach i in range(4)
      step score = tool.twice(x: model.y)
      out reports: list<file<text>> = fit.text
    }

    """, "q3.csv": "a,b\n1,2\n",
  ])
  try project.write("q3.json", #"{"data": "q3.csv"}"#)
  return project
}

/// Some need a person or a program on the other side, or take long.
private let notTried: Set<String> = ["assay lsp", "assay serve"]

/// Every example of every command, in a project where many of them work: whatever happens, data and talk are apart, JSON
/// is JSON, and the exit code is one of ours.
@Test func everyExampleSpeaksProperly() async throws {
  let project = try churn()
  var all: [JSON] = []
  let known = Set(Status.allCases.map(\.rawValue))
  for example in allExamples where !notTried.contains(where: example.hasPrefix) {
    let arguments = words(example).dropFirst().filter { !["--follow", "-f", "--json"].contains($0) }
    let wantsJSON = ((try? Assay.parseAsRoot(Array(arguments))) as? any Command)?.wantsJSON ?? false
    let run = try project.start(Array(arguments)).wait()
    #expect(known.contains(run.exit) && run.exit != Status.bug.rawValue, "\(example): \(run.exit) \(run.err)")
    let hasFailed = run.exit > Status.failed.rawValue
    #expect(
      !hasFailed || run.out.isEmpty || wantsJSON, "\(example): an error is no data: \(run.out)")
    #expect(!hasFailed || run.err.contains("error"), "\(example): \(run.err)")

    guard (try? Assay.parseAsRoot(Array(arguments))) is any Command else { continue }
    let json = try project.start(Array(arguments) + ["--json"]).wait()
    #expect(known.contains(json.exit) && json.exit != Status.bug.rawValue, "\(example): \(json.exit) \(json.err)")
    guard let printed = try? documents(json.out) else {
      Issue.record("\(example) --json: \(json.out)")
      continue
    }
    // A JSON Schema speaks for itself.
    all += printed.filter { $0["$schema"] == nil }
    #expect(json.exit == 0 || !printed.isEmpty, "\(example)")
    if json.exit > Status.failed.rawValue { #expect(printed.last?["schema"] != nil, "\(example): \(json.out)") }
    #expect((try? JSON.parse(json.err)) == nil, "\(example): JSON is data, not talk")
  }
  let mistakes = try OutputSchema.mistakes(all)
  #expect(mistakes.isEmpty, "\(mistakes)")
}

@Test func aFullDiskIsAnErrorAndAReaderThatLeavesIsNone() throws {
  let project = try churn()
  let run = try project.assay("run", "churn.assay", "--progress", "none")
  #expect(run.exit == 0, "\(run.err)")
  let shell = Process()
  shell.executableURL = URL(filePath: "/bin/sh")
  shell.currentDirectoryURL = URL(filePath: project.path)
  shell.environment = ["PATH": "/usr/bin:/bin", "HOME": project.path, "ASSAY_CACHE": project.path + "/cache"]
  shell.arguments = [
    "-c",
    """
    "$0" runs list >/dev/full 2>full; echo $? >>codes
    { "$0" runs show; echo $? >>codes; } 2>left | true
    { sleep 0.2; "$0" explain; echo $? >>codes; } 2>>left | head -1 >first
    """, executablePath,
  ]
  try shell.run()
  shell.waitUntilExit()
  #expect(project.read("codes") == "1\n0\n0\n")
  #expect(project.read("full") == "error: cannot write to standard output: No space left on device\n")
  #expect(project.read("left") == "")
}
