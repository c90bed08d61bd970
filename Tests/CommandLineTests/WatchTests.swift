import Foundation
import Glibc
import Testing
import Values

/// `assay watch` as it is used: real runs, real clocks, people who answer by a script.

/// A policy over the test plugin: alarms when the number under `n` is above 10.
private func document(_ policy: String, trial: String = "twice") -> String {
  """
  assay 1

  use "./tool.so" as tool

  workflow main {
    in x: int(0..1000) = 3
    in path: string = "/"
    step model = tool.\(trial)(x: x)
    step held = tool.hold(x: model.y, path: path)
    out y: int = held.y
  }

  workflow look {
    in x: int
    step twice = tool.twice(x: x)
    out y: int = twice.y
  }

  experiment tune {
    study main()
    space { x in int 0..40 }
    metrics { y = y minimize }
    stage search { strategy random(trials: 4) }
    gate review after search { allow approve, reject }
  }

  policy keep {
  \(policy)
  }

  """
}

private func events(_ result: Project.Result) throws -> [JSON] {
  try result.out.split(separator: "\n").map { try JSON.parse(String($0)) }
}

private func kinds(_ result: Project.Result) throws -> [String] {
  try events(result).compactMap { $0["kind"]?.asString }
}

@Test func aPolicyLooksConfirmsActsAndWaitsForAPerson() throws {
  let project = try Project()
  func put(_ number: Int) throws {
    try project.write("n.json", "\(number)")
    #expect(try project.assay("artifact", "put", "n.json", "n", "--type", "int").exit == 0)
  }
  try project.write(
    "a.assay",
    document(
      """
        version "n"
        monitor look(x: artifact("n")) when y > 10
        champion look(x: artifact("n")) when y > 30
        start tune { trials 4 }
        rest 1h
      """))
  try put(2)
  let first = try project.assay("watch", "a.assay", "--once", "--json")
  #expect(first.exit == 0, "\(first.err)")
  #expect(try kinds(first) == ["quiet"])
  #expect(first.out.contains("no alarm"))
  // Nothing new: nothing is looked at.
  #expect(try events(try project.assay("watch", "a.assay", "--once", "--json")).isEmpty)
  // An alarm that the champion does not confirm.
  try put(10)
  let second = try project.assay("watch", "a.assay", "--once", "--json")
  #expect(try kinds(second) == ["quiet"] && second.out.contains("the champion still holds"))
  try put(20)
  let third = try project.assay("watch", "a.assay", "--once", "--json")
  #expect(try kinds(third) == ["acted", "waits"])
  #expect(third.exit == 5)
  #expect(try OutputSchema.mistakes(try events(first) + events(third)) == "")
  // The acts are decisions of the policy, and its limit is narrower than what the experiment asks for.
  let log = try project.assay("exp", "log", "--json").json()["entries"]?.asArray ?? []
  let decision = try #require(log.first { $0["kind"] == "decided" })
  #expect(decision["actor"] == "policy" && decision["by"] == "keep")
  #expect(decision["what"]?.asString?.contains("the champion does not hold") == true)
  #expect(log.contains { $0["what"] == "trials 4" })
  let trials = try project.assay("exp", "status", "--json").json()["trials"]?.asArray
  #expect(trials?.count == 4)
  // As long as nobody answers there is nothing to do.
  let waiting = try project.assay("watch", "a.assay", "--once", "--json")
  #expect(try events(waiting).isEmpty && waiting.exit == 5)
  #expect(try project.assay("exp", "answer", "tune", "review", "approve").exit == 0)
  let last = try project.assay("watch", "a.assay", "--once", "--json")
  #expect(try kinds(last) == ["ended"] && last.exit == 0)
  // It rests, though there is a reason to act.
  try put(30)
  let resting = try project.assay("watch", "a.assay", "--once", "--json")
  #expect(try kinds(resting) == ["quiet"] && resting.out.contains("rests"))
  #expect(try project.assay("exp", "list", "--json").json()["experiments"]?.asArray?.count == 1)
}

@Test func aFailedCheckIsAnAlarmAndABrokenMonitorIsNot() throws {
  let project = try Project()
  let broken = "workflow broken {\n  step b = tool.boom(x: 1)\n  out y: int = b.y\n}\n"
  func write(_ monitor: String) throws {
    try project.write("a.assay", document("  every 1s\n  \(monitor)\n  run look(x: 4)") + broken)
  }
  try write("monitor broken failed")
  let failed = try project.assay("watch", "a.assay", "--once", "--now", "--json")
  #expect(try kinds(failed) == ["acted", "ended"])
  #expect(try events(failed).first?["run"]?.asInt == 2)
  try write("monitor broken when y > 1")
  let blind = try project.assay("watch", "a.assay", "--once", "--now", "--json")
  #expect(try kinds(blind) == ["failed"])
}

@Test func aWatcherIsAloneGoesOnAfterItsDeathAndEndsOnTime() throws {
  let project = try Project()
  let path = project.path + "/go"
  let text = document("  every 1h\n  start tune\n").replacingOccurrences(of: "\"/\"", with: "\"\(path)\"")
  try project.write("a.assay", text)
  let watcher = try project.start(["watch", "a.assay", "--glance", "0.05", "--json"])
  #expect(watcher.prints("\"acted\""))
  let second = try project.assay("watch", "a.assay", "--once")
  #expect(second.exit == 8 && second.err.contains("watched already"))
  // Killed in the middle of a trial: the next one goes on with the same experiment.
  watcher.send(SIGKILL)
  watcher.reap()
  _ = FileManager.default.createFile(atPath: path, contents: nil)
  let rest = try project.assay("watch", "a.assay", "--once", "--json")
  #expect(try kinds(rest) == ["waits"] && rest.exit == 5, "\(rest.err)")
  #expect(try project.assay("exp", "list", "--json").json()["experiments"]?.asArray?.count == 1)

  let late = try Project()
  try late.write(
    "a.assay",
    document("  every 1h\n  start tune\n  timeout 300ms\n").replacingOccurrences(
      of: "\"/\"", with: "\"\(late.path)/go\""))
  let result = try late.assay("watch", "a.assay", "--once", "--json")
  #expect(try kinds(result) == ["acted", "ended"] && result.out.contains("timeout"), "\(result.err)")
  // Stopped by Ctrl-C while it waits for the clock.
  let idle = try late.start(["watch", "a.assay", "--json"])
  #expect(idle.waits(for: "watches: keep"))
  idle.send(SIGINT)
  #expect(try idle.wait().exit == 130)
}

/// The example, end to end: a stream that changes, a champion that no longer holds, a person who approves.
@Test func theModelOfAChangingStreamMovesWhenAPersonApproves() throws {
  let project = try Project()
  let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Examples/drift").path
  let (text, exit) = try shell(
    """
    set -e
    export USER=ada
    cp -r '\(folder)'/. . && python3 make_stream.py
    assay artifact put window-1.csv sea/window && assay run train.assay
    assay artifact put 1:model sea/model && assay artifact promote sea/model production --reason first
    for n in 1 2 3 4; do
      [ $n = 1 ] || assay artifact put window-$n.csv sea/window
      assay watch drift.assay --once || [ $? = 5 ]
    done
    assay exp answer retune review approve --reason "good again"
    assay watch drift.assay --once
    best=$(assay exp status retune --json | python3 -c \\
      'import json,sys; e=json.load(sys.stdin); print(next(t["run"] for t in e["trials"] if t["trial"] == e["best"]))')
    assay artifact put $best:model sea/model
    assay artifact promote sea/model production --reason "experiment 1, approved"
    assay watch drift.assay --once --now
    """, in: project)
  #expect(exit == 0, "\(text)")
  let looks = text.split(separator: "\n").filter { $0.contains(" keep_good: ") }
  #expect(looks.count == 7, "\(text)")
  for (line, words) in zip(
    looks,
    [
      "no alarm", "no alarm", "at \"x3\"; the champion still holds", "the champion does not hold",
      "waits: gate `review`", "finished: all stages ended", "no alarm",
    ])
  { #expect(line.contains(words), "\(line)") }
  #expect(text.contains("promote sea/model@production → v2 (was v1)"), "\(text)")
}
