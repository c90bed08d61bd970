import Foundation
import Testing
import Values

private let simple = """
  assay 1

  use "./tool.so" as tool

  workflow main {
    in n: int = 9
    step a = tool.twice(x: n)
    step b = tool.twice(x: i) foreach i in range(5)
    step f = tool.flaky(x: a.y) { retry 2 }
    step note = tool.note(x: a.y)
    step c = tool.twice(x: n) when n > 10
    out twice: int = a.y
    out all: list<int> = b.y
    out same: int = f.y
    out note: file<text> = note.text
    out more: int? = c.y
  }

  """

private let failing = """
  assay 1

  use "./tool.so" as tool

  workflow main {
    step boom = tool.boom(x: 1)
    step then = tool.twice(x: boom.y)
    out y: int = then.y
  }

  """

private let holding = """
  assay 1

  use "./tool.so" as tool

  workflow main {
    in go: string
    step first = tool.twice(x: 4)
    step hold = tool.hold(x: first.y, path: go)
    step last = tool.twice(x: hold.y)
    out n: int = last.y
  }

  """

/// With what differs from run to run replaced.
private func masked(_ text: String, _ project: Project) -> String {
  text.replacing(project.path, with: "PROJECT")
    .replacing(/\d+(\.\d+)?(µs|ms|s)\b/, with: "TIME")
    .replacing(/[ ]{2,}/, with: "  ").replacing(/[ ]+TIME/, with: " TIME")
    .replacing(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, with: "DATE")
    .replacing(/(^|\n)\d\d:\d\d:\d\d/, with: "\nCLOCK")
    .replacing(/\b[0-9a-f]{32}\b/, with: "UID")
    .replacing(/by +\S+@\S+/, with: "by        USER@HOST")
    .replacing(/code +[0-9a-f]{12}/, with: "code      CODE")
}

@Test func aRunIsPlannedMadeShownAndReused() throws {
  let project = try Project(["a.assay": simple])
  let plan = try project.assay("plan", "a.assay")
  #expect(plan.exit == 0)
  try expectSnapshot(plan.out, "plan-before.txt")

  let run = try project.assay("run", "a.assay", "--parallel", "1", "--reason", "to see")
  #expect(run.exit == 0, "\(run.err)")
  try expectSnapshot(run.out, "run-outputs.txt")
  #expect(run.err.contains("✔ run 1 succeeded in "))
  #expect(run.err.contains(": 8 ran, 1 skipped, 1 retry"))
  #expect(run.err.contains("retrying f: attempt 2 in "))

  try expectSnapshot(try project.assay("plan", "a.assay").out, "plan-after.txt")
  let again = try project.assay("run", "a.assay", "--json")
  let report = try again.json()
  #expect(report["schema"] == "assay.run/1")
  #expect(report["status"] == "succeeded")
  #expect(report["nodes"]?["reused"] == 7)
  #expect(report["nodes"]?["ran"] == 1)
  #expect(report["outputs"]?["all"] == [0, 2, 4, 6, 8])

  let off = try project.assay("run", "a.assay", "--no-reuse", "--json", "--progress", "none")
  #expect(try off.json()["nodes"]?["ran"] == 8)
  #expect(off.err.split(separator: "\n").count == 1, "only the summary: \(off.err)")

  try expectSnapshot(masked(try project.assay("runs", "list").out, project), "runs-list.txt")
  let shown = masked(try project.assay("runs", "show", "2").out, project)
  let slowest = try #require(shown.range(of: "\nslowest calls\n"))
  try expectSnapshot(String(shown[..<slowest.lowerBound]), "runs-show.txt")
  #expect(shown.contains("\nreused  7 of 9 calls, from run 1; saved TIME\n"))
  #expect(try project.assay("runs", "show", "9").exit == 4)
  let runs = try project.assay("runs", "list", "--json", "--limit", "2").json()
  #expect(runs["schema"] == "assay.runs/1")
  #expect(runs["runs"]?.asArray?.compactMap { $0["run"]?.asInt } == [3, 2])
  #expect(runs["runs"]?.asArray?.last?["reason"] == nil)
  #expect(try project.assay("runs", "show", "1", "--json").json()["reason"] == "to see")
}

@Test func artifactsComeOutOfTheStore() throws {
  let project = try Project(["a.assay": simple])
  try project.assay("run", "a.assay")
  try expectSnapshot(masked(try project.assay("artifact", "list").out, project), "artifact-list.txt")
  try expectSnapshot(masked(try project.assay("artifact", "show", "1:note").out, project), "artifact-show.txt")
  #expect(try project.assay("artifact", "cat", "1:note").out == "hello\n")
  #expect(try project.assay("artifact", "cat", "5891b5b5").out == "hello\n")
  #expect(try project.assay("artifact", "cat", "1:b[3].y").out == "6\n")
  let missing = try project.assay("artifact", "cat", "1:nota")
  #expect(missing.exit == 4)
  #expect(missing.err.contains("did you mean `1:note`?"))

  #expect(try project.assay("artifact", "get", "1:note").exit == 0)
  #expect(project.read("note.txt") == "hello\n")
  let second = try project.assay("artifact", "get", "1:note")
  #expect(second.exit == 1)
  #expect(second.err.contains("--force"))
  #expect(try project.assay("artifact", "get", "1:note", "--force").exit == 0)
  #expect(FileManager.default.isWritableFile(atPath: project.path + "/note.txt"))
}

@Test func aFailureIsExplainedWithItsLastLinesAndTheNextCommand() throws {
  let project = try Project(["bad.assay": failing])
  let run = try project.assay("run", "bad.assay")
  #expect(run.exit == 1)
  #expect(run.out == "")
  #expect(run.err.contains("error: step `boom` failed: the number is cursed\n  | about to go �[31mwrong\n"))
  #expect(run.err.contains(": 0 ran, 1 skipped, 1 failed\n"))
  #expect(run.err.contains("assay runs logs 1 boom\n"))
  #expect(run.err.contains("assay run bad.assay --resume 1\n"))

  let json = try project.assay("run", "bad.assay", "--json")
  #expect(json.exit == 1)
  let report = try json.json()
  #expect(report["exit"] == 1)
  #expect(report["failures"]?.asArray?.first?["failure"]?["message"] == "the number is cursed")

  let logs = try project.assay("runs", "logs", "1", "boom")
  #expect(masked(logs.out, project) == "\nCLOCK boom | warning: about to go �[31mwrong\n")
  #expect(try project.assay("runs", "logs", "1", "bom").err.contains("did you mean `boom`?"))
  let line = try JSON.parse(try project.assay("runs", "logs", "1", "--json").out)
  #expect(line["step"] == "boom")
  #expect(line["level"] == "warning")
}

@Test func eventsAreAStreamOfJSONThatEndsInASummary() throws {
  let project = try Project(["a.assay": simple])
  let run = try project.assay("run", "a.assay", "--progress", "json")
  #expect(run.exit == 0)
  #expect(run.err == "")
  let lines = try run.out.split(separator: "\n").map { try JSON.parse(String($0)) }
  #expect(lines.compactMap { $0["seq"]?.asInt } == (1...Int64(lines.count)).map { $0 })
  #expect(lines.first?["type"] == "run.started")
  #expect(lines.last?["type"] == "summary")
  #expect(lines.last?["outputs"]?["twice"] == 18)
  #expect(lines.contains { $0["type"] == "node.retrying" && $0["step"] == "f" })
}

@Test func documentsAreCheckedFixedAndFormatted() throws {
  let broken = simple.replacing("tool.twice(x: n)", with: "tool.twic(x: n)").replacing("  step", with: " step")
  let project = try Project(["b.assay": broken, "good.assay": simple])
  #expect(try project.assay("check", "good.assay").exit == 0)
  let check = try project.assay("check", "b.assay", "good.assay")
  #expect(check.exit == 3)
  #expect(check.out == "")
  #expect(check.err.hasSuffix("2 documents checked: 2 errors\n"))
  let json = try project.assay("check", "b.assay", "--json")
  #expect(json.exit == 3)
  #expect(try json.json()["diagnostics"]?.asArray?.count == 2)
  #expect(try json.json()["ok"] == false)

  let diff = try project.assay("fix", "b.assay", "--diff")
  #expect(diff.out.contains("- step a = tool.twic(x: n)\n+ step a = tool.twice(x: n)\n"))
  #expect(project.read("b.assay") == broken, "--diff changes nothing")
  #expect(try project.assay("fix", "b.assay").exit == 0)
  #expect(try project.assay("fmt", "--check", "b.assay").exit == 1)
  #expect(try project.assay("fmt", "b.assay").exit == 0)
  #expect(project.read("b.assay") == simple)
  #expect(try project.assay("fmt", "--check", "b.assay").exit == 0)
  #expect(try project.assay("run", "b.assay", "--progress", "none").exit == 0)
}

@Test func wrongUseIsOneClearErrorWithItsExitCode() throws {
  let project = try Project(["a.assay": simple, "latin.assay": "assay 1\n", "broken.assay": "assay 1\nworkflow {"])
  try Data([0xFF, 0xFE, 0x00]).write(to: URL(filePath: project.path + "/latin.assay"))
  let cases: [(arguments: [String], exit: Int32, says: String)] = [
    (["rnu"], 2, "did you mean `assay run`?"), (["run", "--joson", "a.assay"], 2, "did you mean `--json`?"),
    (["run"], 2, "missing expected argument '<file>'"), (["run", "a.assay", "--parallel", "0"], 2, "--parallel"),
    (["run", "a.assay", "--set", "n"], 2, "--set wants name=value"),
    (["run", "a.assay", "--grace", "soon"], 2, "grace"),
    (["run", "a.assay", "--set", "m=1"], 2, "error: "), (["run", "a.assay", "--set", "n=x"], 2, "error: input `n`"),
    (["run", "a.assay", "-w", "mian"], 2, "did you mean `main`?"),
    (["run", "a.assay", "--until", "not"], 2, "there is no step `not`"), (["run", "none.assay"], 4, "none.assay"),
    (["check", "latin.assay"], 3, "UTF-8"), (["run", "broken.assay"], 3, "error["), (["runs", "show"], 4, "error: "),
    (["artifact", "cat", "zz"], 4, "error: "), (["explain", "E9999"], 4, "there is no code"),
    (["plugin", "describe", "./a.assay.so"], 7, "error: "), (["run", "a.assay", "--resume", "12"], 4, "error: "),
  ]
  for (arguments, exit, says) in cases {
    let run = try project.start(arguments).wait()
    #expect(run.exit == exit, "\(arguments): \(run.err)")
    #expect(run.err.contains(says), "\(arguments): \(run.err)")
    #expect(run.out == "", "\(arguments)")
    let json = try project.start(arguments + ["--json"]).wait()
    #expect(json.exit == exit, "\(arguments)")
    #expect(try json.json()["exit"]?.asInt == Int64(exit), "\(arguments)")
  }
}

@Test(arguments: [
  (SIGINT, 130 as Int32, "press Ctrl-C again to kill"), (SIGTERM, 143, "send the signal again to kill"),
])
func theFirstSignalLetsTasksEndAndTheRunGoesOnLater(signal: Int32, exit: Int32, says: String) throws {
  let project = try Project(["hold.assay": holding])
  let go = project.path + "/go"
  let arguments = ["run", "hold.assay", "--set", "go=\(go)"]
  let run = try project.start(arguments)
  #expect(run.waits(for: "started  hold"))
  run.send(signal)
  #expect(run.waits(for: "waiting for 1 task to end: hold"))
  try project.write("go", "")
  let result = try run.wait()
  #expect(result.exit == exit)
  #expect(result.err.contains(says))
  #expect(result.err.contains("run 1 cancelled"))
  #expect(result.err.contains("assay run hold.assay --resume 1\n"))

  let resumed = try project.assay("run", "hold.assay", "--resume", "--json")
  #expect(resumed.exit == 0, "\(resumed.err)")
  #expect(try resumed.json()["outputs"]?["n"] == 16)
  #expect(try resumed.json()["nodes"]?["ran"] == 1, "what had ended is not done again")
}

@Test func theSecondSignalKills() throws {
  let project = try Project(["hold.assay": holding])
  let run = try project.start(["run", "hold.assay", "--set", "go=\(project.path)/never"])
  #expect(run.waits(for: "started  hold"))
  run.send(SIGINT)
  #expect(run.waits(for: "stopping"))
  run.send(SIGINT)
  let result = try run.wait()
  #expect(result.exit == 130)
  #expect(result.err.contains("killing what runs"))
  #expect(try project.assay("runs", "list", "--json").json()["runs"]?.asArray?.first?["status"] == "cancelled")
}

@Test func logsCanBeFollowedToTheEndOfTheRun() throws {
  let project = try Project(["hold.assay": holding])
  let run = try project.start(["run", "hold.assay", "--set", "go=\(project.path)/go"])
  #expect(run.waits(for: "started  hold"))
  let logs = try project.start(["runs", "logs", "--follow"])
  #expect(logs.prints("hold | holding\n"), "while the task goes on")
  try project.write("go", "")
  #expect(try run.wait().exit == 0)
  let followed = try logs.wait()
  #expect(followed.exit == 0)
  #expect(followed.out.contains("hold | holding\n"), "\(followed.out) \(followed.err)")
}

@Test func aReaderThatLeavesDoesNotStopARun() throws {
  let project = try Project(["a.assay": simple])
  let shell = Process()
  shell.executableURL = URL(filePath: "/bin/sh")
  shell.currentDirectoryURL = URL(filePath: project.path)
  shell.environment = ["PATH": "/usr/bin:/bin", "HOME": project.path, "ASSAY_CACHE": project.path + "/cache"]
  shell.arguments = ["-c", "{ \"$0\" run a.assay --progress json; echo $? >status; } 2>err | true", executablePath]
  try shell.run()
  shell.waitUntilExit()
  #expect(project.read("status") == "0\n", "\(project.read("err") ?? "")")
}

@Test func tasksAndPluginsAreDescribed() throws {
  let project = try Project(["a.assay": simple])
  let tasks = try project.assay("task", "list", "--file", "a.assay")
  try expectSnapshot(masked(tasks.out, project), "task-list.txt")
  let task = try project.assay("task", "show", "tool.note", "--file", "a.assay")
  try expectSnapshot(masked(task.out, project), "task-show.txt")
  let plugin = try project.assay("plugin", "describe", "./tool.so", "--json").json()
  #expect(plugin["id"] == "tool")
  #expect(plugin["tasks"]?.asArray?.count == 8)
  #expect(try project.assay("plugin", "list", "--json").json()["schema"] == "assay.plugins/1")
}

@Test func documentsAreDrawnAndTurnedIntoJSONAndBack() throws {
  let project = try Project(["a.assay": simple, "broken.assay": "assay 1\nworkflow {"])
  #expect(try project.assay("graph", "a.assay").out.contains("foreach i"))
  #expect(try project.assay("graph", "a.assay", "--format", "dot").out.hasPrefix("digraph"))
  #expect(try project.assay("graph", "a.assay", "--format", "svg").out.contains("<svg"))
  let graph = try project.assay("graph", "a.assay", "--json").json()
  #expect(graph["schema"] == "assay.graph/1")
  #expect(graph["nodes"]?.asArray?.count == 11)

  let json = try project.assay("spec", "json", "a.assay")
  #expect(try json.json()["schema"] == "assay.document/1")
  try project.write("a.json", json.out)
  let text = try project.assay("spec", "text", "a.json")
  #expect(text.exit == 0, "\(text.err)")
  try project.write("again.assay", text.out)
  #expect(try project.assay("check", "again.assay").exit == 0)
  #expect(try project.assay("spec", "json", "again.assay").out == json.out)

  #expect(try project.assay("graph", "broken.assay").exit == 3)
  #expect(try project.assay("spec", "json", "broken.assay").exit == 3)
  try project.write("wrong.json", #"{"schema": "assay.document/1", "workflows": 7}"#)
  #expect(try project.assay("spec", "text", "wrong.json").exit == 3)
  #expect(try project.assay("spec", "text", "none.json").exit == 4)
}

@Test func aNewProjectHasEmptyLists() throws {
  let project = try Project()
  for command in ["runs", "artifact"] {
    let list = try project.assay(command, "list")
    #expect(list.exit == 0)
    #expect(list.out == "")
    #expect(list.err.hasPrefix("there are no "))
    #expect(try project.assay(command, "list", "--json").exit == 0)
  }
  #expect(try project.assay("runs", "list", "--json").json()["runs"] == [])
}

@Test func onATerminalTheRunIsDrawnInPlace() throws {
  let project = try Project(["hold.assay": holding])
  // `script` gives the command a terminal of its own.
  let terminal = Process()
  terminal.executableURL = URL(filePath: "/usr/bin/script")
  terminal.currentDirectoryURL = URL(filePath: project.path)
  terminal.environment = [
    "PATH": "/usr/bin:/bin", "HOME": project.path, "ASSAY_CACHE": project.path + "/cache", "TERM": "xterm",
    "LANG": "C.UTF-8", "SHELL": "/bin/sh",
  ]
  let command = "stty cols 60 rows 20; '\(executablePath)' run hold.assay --set go='\(project.path)/go'"
  terminal.arguments = ["-qefc", command, "typescript"]
  let output = Pipe()
  terminal.standardOutput = output
  terminal.standardInput = FileHandle.nullDevice
  try terminal.run()
  var seen = Data()
  while !String(decoding: seen, as: UTF8.self).contains("2 done") {
    let more = output.fileHandleForReading.availableData
    guard !more.isEmpty else { break }
    seen += more
    if String(decoding: seen, as: UTF8.self).contains("1 running") { try project.write("go", "") }
  }
  seen += output.fileHandleForReading.readDataToEndOfFile()
  terminal.waitUntilExit()
  #expect(terminal.terminationStatus == 0)
  var screen = VirtualScreen(columns: 60, rows: 20)
  screen.write(String(decoding: seen, as: UTF8.self))
  let words = screen.transcript.map { $0.split(separator: " ").prefix(3).joined(separator: " ") }
  #expect(screen.transcript.contains("n = 16"), "\(screen.transcript)")
  for step in ["first", "hold", "last"] {
    #expect(words.count { $0.hasPrefix("✔ \(step) done") } == 1, "\(screen.transcript)")
  }
  #expect(!words.contains { $0.contains("running") }, "the region is redrawn in place: \(screen.transcript)")
  #expect(screen.unknown.isEmpty)
}

@Test func theVersionNeedsNoStore() throws {
  let project = try Project()
  let version = try project.assay("version", "--json")
  #expect(try version.json()["schema"] == "assay.version/1")
  #expect(try project.assay("--version").exit == 0)
  #expect(!FileManager.default.fileExists(atPath: project.path + "/.assay"))
  #expect(!FileManager.default.fileExists(atPath: project.path + "/cache"))
}

@Test func colourIsAskedForOrLeftOut() throws {
  let project = try Project(["bad.assay": failing])
  #expect(try !project.assay("run", "bad.assay").err.contains("\u{1B}"))
  #expect(try project.assay("run", "bad.assay", "--color", "always").err.contains("\u{1B}[1;31m"))
  let forced = ["CLICOLOR_FORCE": "1"]
  #expect(try project.assay("run", "bad.assay", environment: forced).err.contains("\u{1B}["))
  #expect(try !project.assay("run", "bad.assay", "--color=never", environment: forced).err.contains("\u{1B}"))
  #expect(try !project.assay("rnu", environment: ["LANG": "C"]).err.contains("\u{1B}"))
}
