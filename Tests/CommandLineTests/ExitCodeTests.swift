import ArgumentParser
import Foundation
import Glibc
import Testing
import Values
import Workspace

@testable import assay

private let documents = [
  "good.assay": """
  assay 1
  use "./tool.so" as tool
  workflow main {
    in n: int = 1
    step a = tool.twice(x: n)
    out y: int = a.y
  }
  """,
  "fails.assay": """
  assay 1
  use "./tool.so" as tool
  workflow main {
    step a = tool.boom(x: 1)
    out y: int = a.y
  }
  """,
  "wrong.assay": """
  assay 1
  workflow main {
    out y: int = nothing.here
  }
  """,
]

/// The contract with scripts, code by code, with the real program. 5 and 6 belong to experiments; 70 is below.
@Test(
  arguments: [
    (["check", "good.assay"], Status.ok), (["run", "good.assay"], .ok), (["runs", "show", "1"], .ok), (["--help"], .ok),
    (["--version"], .ok), (["runs"], .ok), (["help", "run"], .ok), (["run", "--help"], .ok),
    (["run", "fails.assay"], .failed), (["fmt", "--check", "fails.assay"], .failed),
    (["nothing"], .usage), (["run"], .usage), (["run", "good.assay", "--nothing"], .usage),
    (["run", "good.assay", "--set", "n=many"], .usage), (["run", "good.assay", "--set", "m=1"], .usage),
    (["run", "good.assay", "--until", "b"], .usage), (["run", "good.assay", "--color", "blue"], .usage),
    (["check", "wrong.assay"], .document), (["run", "wrong.assay"], .document), (["graph", "wrong.assay"], .document),
    (["run", "none.assay"], .notFound), (["runs", "show", "77"], .notFound), (["runs", "logs", "1", "b"], .notFound),
    (["artifact", "cat", "1:z"], .notFound), (["explain", "E9999"], .notFound), (["task", "show", "a.b"], .notFound),
    (["plugin", "describe", "./good.assay.so"], .plugin), (["runs", "list", "-C", "damaged"], .store),
  ] as [([String], Status)])
func exitCodes(arguments: [String], expected: Status) throws {
  let project = try Project(documents)
  try project.assay("run", "good.assay", "--progress", "none")
  try FileManager.default.createDirectory(atPath: project.path + "/damaged/.assay", withIntermediateDirectories: true)
  try project.write("damaged/.assay/trace.db", String(repeating: "no database ", count: 100))
  let run = try project.start(arguments).wait()
  #expect(run.exit == expected.rawValue, "\(run.err)")
  #expect(expected == .ok || run.out.isEmpty, "\(run.out)")
  #expect(expected == .ok || !run.err.isEmpty)
}

@Test(arguments: [(SIGINT, Status.interrupted), (SIGTERM, .terminated)])
func signalsHaveTheirCodes(signal: Int32, expected: Status) throws {
  #expect(expected.rawValue == 128 + signal)
  let project = try Project([
    "hold.assay": """
    assay 1
    use "./tool.so" as tool
    workflow main {
      in go: string
      step hold = tool.hold(x: 1, path: go)
      out y: int = hold.y
    }
    """
  ])
  let run = try project.start(["run", "hold.assay", "--set", "go=\(project.path)/never", "--json"])
  #expect(run.waits(for: "started  hold"))
  run.send(signal)
  #expect(run.waits(for: "stopping"))
  run.send(signal)
  let end = try run.wait()
  #expect(end.exit == expected.rawValue)
  #expect(try end.json()["exit"]?.asInt == Int64(expected.rawValue))
}

/// No input is known that leads to 70: the ways there are checks of what cannot be. So a command that goes one of them.
private struct Mistaken: Command {
  @OptionGroup var shared: SharedOptions
  func perform(_ console: Console) throws(WorkspaceError) -> Int32 { throw WorkspaceError(.bug, "two and two is five") }
}

@Test func aMistakeOfOursIsSeventyAndSaysWhoseItIs() throws {
  let command = try Mistaken.parse([])
  #expect(Assay.perform(command, Console(json: false, color: .never)) == 70)
  let document = JSON.object(WorkspaceError(.bug, "two and two is five").members)
  #expect(document["exit"] == 70 && document["code"] == "bug")
  #expect(document["help"]?.asString?.contains("a mistake in Assay") == true)
}

@Test func theManualHasEveryCode() throws {
  let manual = try String(
    contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/cli.md"),
    encoding: .utf8)
  for code in Status.allCases { #expect(manual.contains("\n| \(code.rawValue) | "), "\(code)") }
}
