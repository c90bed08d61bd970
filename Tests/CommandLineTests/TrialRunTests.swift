import Database
import Foundation
import Glibc
import Testing
import Values

/// Trials as runs: stopped early, repeated, verified; and what may go wrong while they run.

private func document(_ learner: String, _ inside: String) -> String {
  """
  assay 1

  use "./tool.so" as tool

  workflow main {
    in x: int(0..1000) = 3
    in folder: string = "/"
  \(learner)
  }

  experiment tune {
    study main()
  \(inside)
  }

  """
}

/// Folds of which the second one is held until `go-X` is there.
private func folds(_ project: Project, _ stage: String, rest: String = "", xs: String) -> String {
  document(
    """
      step fold = tool.hold(x: x + i, path: path) foreach (i, path) in zip([0, 1, 2], [\"/\", fmt("\(project.path)/go-{}", x), "/"]) max 1
      out y: float = mean(fold.y)
    """,
    """
      space { x in [\(xs)] }
      metrics { loss = y minimize }
      stage search { \(stage) }
      \(rest)
    """)
}

private func trials(_ json: JSON) -> [JSON] { json["trials"]?.asArray ?? [] }
private func states(_ json: JSON) -> [String] { trials(json).compactMap { $0["state"]?.asString } }

private func status(_ project: Project) throws -> JSON { try project.assay("exp", "status", "--json").json() }

private let grid = "strategy grid(shuffled: false)\n    prune median(after: 3)"

/// Would wait for ever, were it not stopped: what a stopped trial shows is on record.
@Test(arguments: [1, 2]) func aTrialThatDoesNotLookGoodIsStopped(_ parallel: Int) throws {
  let project = try Project()
  try project.write("a.assay", folds(project, grid, rest: "order strict", xs: "9, 8, 7, 6, 5, 100, 4"))
  for x in [9, 8, 7, 6, 5, 4] { try project.write("go-\(x)", "") }
  let run = try project.assay("exp", "run", "a.assay", "-j", "\(parallel)", "--json")
  #expect(run.exit == 0, "\(run.err)")
  let shown = try run.json()
  try #require(states(shown) == ["finished", "finished", "finished", "finished", "finished", "pruned", "finished"])
  let others = 6 - parallel
  #expect(trials(shown)[5]["message"]?.asString == "worse than half of \(others) trials at step 1")
  // The run itself was cancelled, and what it did is on record.
  let number = try #require(trials(shown)[5]["run"]?.asInt)
  let cancelled = try project.assay("runs", "show", "\(number)", "--json").json()
  #expect(cancelled["status"] == "cancelled", "\(cancelled)")
  let connection = try Connection(project.path + "/.assay/experiments.db")
  let numbers = try connection.integer(
    "SELECT length(numbers) / 8 FROM entries WHERE kind = 'ended' AND trial = 6")
  // Seconds, calls, the number of metrics, one metric; then the curve of one step.
  #expect(numbers == 6)
}

/// The same stops on any machine: what a trial is compared with depends on the order of proposals alone.
@Test func strictStopsDoNotDependOnTiming() throws {
  func outcome() throws -> [String] {
    let project = try Project()
    let xs = (0..<24).map { "\(($0 * 37 + 11) % 101)" }.joined(separator: ", ")
    try project.write("a.assay", folds(project, grid, rest: "order strict", xs: xs))
    for x in 0...101 { try project.write("go-\(x)", "") }
    let run = try project.assay("exp", "run", "a.assay", "-j", "3", "--json")
    #expect(run.exit == 0, "\(run.err)")
    return trials(try run.json()).map { "\($0["state"]?.asString ?? "") \($0["message"]?.asString ?? "")" }
  }
  let first = try outcome()
  #expect(first.contains { $0.hasPrefix("pruned") } && first.contains { $0.hasPrefix("finished") })
  #expect(try outcome() == first)
}

/// What a task reports under the name of its output is a curve, too; a metric that is no number is a failure.
@Test func whatATaskReportsIsACurve() throws {
  let project = try Project()
  try project.write(
    "a.assay",
    document(
      "  step fit = tool.learn(x: x, path: fmt(\"\(project.path)/go-{}\", x))\n  out y: float = fit.loss",
      """
        space { x in [9, 8, 7, 100, 13, 4] }
        metrics { loss = y minimize }
        stage search { strategy grid(shuffled: false)
        prune threshold(limit: 50.0) }
      """))
  for x in [9, 8, 7, 13, 4] { try project.write("go-\(x)", "") }
  let run = try project.assay("exp", "run", "a.assay", "-j", "1", "--json")
  #expect(run.exit == 0, "\(run.err)")
  let shown = try run.json()
  #expect(states(shown) == ["finished", "finished", "finished", "pruned", "failed", "finished"])
  #expect(trials(shown)[3]["message"]?.asString == "beyond the limit at step 1")
  #expect(trials(shown)[4]["message"]?.asString == "metric `loss` is missing or not a number")
}

@Test func nothingToSeeBeforeTheEndIsAnError() throws {
  let project = try Project([
    "a.assay": document(
      "  step a = tool.twice(x: x)\n  out y: int = a.y + 1",
      "  space { x in 0..3 }\n  metrics { y = y minimize }\n  stage s { strategy random(trials: 2)\n  prune median }"
    ).replacing("x in 0..3", with: "x in int 0..3")
  ])
  let check = try project.assay("check", "a.assay")
  #expect(check.exit == 3 || check.exit == 2 || check.exit == 1, "\(check)")
  #expect((check.out + check.err).contains("E1013"), "\(check)")
}

/// The engine dies in the middle of a trial that would be stopped; the next one stops it.
@Test func aKilledEngineStillStopsTrials() throws {
  let project = try Project()
  // Two at a time: trial 5 holds at its second fold, while trial 6 is stopped, is over, and is on record.
  try project.write("a.assay", folds(project, grid, rest: "order strict", xs: "9, 8, 7, 6, 5, 100, 4"))
  for x in [9, 8, 7, 6] { try project.write("go-\(x)", "") }
  let running = try project.start(["exp", "run", "a.assay", "-j", "2"])
  #expect(running.waits(for: "▸ trial 6"))
  running.send(SIGKILL)
  running.reap()
  for x in [5, 4] { try project.write("go-\(x)", "") }
  let rest = try project.assay("exp", "run", "a.assay", "-j", "2", "--json")
  #expect(rest.exit == 0, "\(rest.err)")
  #expect(
    states(try rest.json()) == ["finished", "finished", "finished", "finished", "finished", "pruned", "finished"])
  #expect(try project.assay("artifact", "verify").exit == 0)
}

// MARK: - Repeating

@Test func aTrialIsRepeatedLikeAnyRun() throws {
  let project = try Project([
    "a.assay": document(
      """
        step shared = tool.twice(x: 4)
        step model = vary(x: shared.y) {
          variant plain = tool.twice()
          variant odd = tool.flaky()
          default plain
        }
        out y: int = model.y
      """,
      """
        space {
          model in [plain, odd]
          model.plain.x in int 5..7
          shared.x in [1, 2]
        }
        metrics { loss = model.y * 2 minimize }
        stage all { strategy grid(shuffled: false) }
      """)
  ])
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 0)
  let shown = try status(project)
  let all = trials(shown)
  #expect(all.count == 8)
  let finished = all.filter { $0["state"] == "finished" }
  #expect(finished.count == 6)
  for (place, trial) in finished.enumerated() where place.isMultiple(of: 3) {
    let run = try #require(trial["run"]?.asInt)
    let detail = try project.assay("runs", "show", "\(run)", "--json").json()
    let inputs = detail["inputs"]
    let plain = trial["configuration"]?["model.plain.x"]
    #expect("\(inputs as Any)".contains("shared.x"), "\(detail)")
    #expect("\(inputs as Any)".contains("model.plain.x") == (plain != nil && plain != .null), "\(detail)")
    #expect("\(detail["outputs"] as Any)".contains("metric.loss"))
    let again = try project.assay("reproduce", "\(run)", "--json")
    #expect(again.exit == 0, "\(again.err)\(again.out)")
    #expect(try again.json()["verdict"] == "same")
  }
  // Two trials differ in what was set.
  let diff = try project.assay("runs", "diff", "1", "2", "--json")
  #expect(diff.out.contains("shared.x") || diff.out.contains("model.plain.x"), "\(diff.out)")
  let resumed = try project.assay("run", "a.assay", "--resume", "1")
  #expect(resumed.exit == 2)
  #expect(resumed.err.contains("run 1 is trial 1 of experiment 1 (tune)"), "\(resumed.err)")
}

@Test func aTamperedLogIsFoundByName() throws {
  let project = try Project()
  try project.write("a.assay", folds(project, "strategy grid(shuffled: false)", xs: "1, 2"))
  for x in [1, 2] { try project.write("go-\(x)", "") }
  #expect(try project.assay("exp", "run", "a.assay").exit == 0)
  #expect(try project.assay("artifact", "verify").exit == 0)
  do {
    let connection = try Connection(project.path + "/.assay/experiments.db")
    try connection.execute("DROP TRIGGER entries_stay; UPDATE entries SET text = text || '!' WHERE seq = 3")
  }
  let verify = try project.assay("artifact", "verify")
  #expect(verify.exit != 0)
  #expect((verify.out + verify.err).contains("entry 3 of experiment 1 is not as it was written"), "\(verify)")
  #expect((verify.out + verify.err).contains("experiments.db"))
  #expect(try project.assay("doctor", "--json").out.contains("store.experiments"))
}

// MARK: - Faults

@Test func twoEnginesOnOneExperimentAreOneClearError() throws {
  let project = try Project()
  try project.write("a.assay", folds(project, "strategy grid(shuffled: false)", xs: "1, 2"))
  try project.write("b.assay", document("  step a = tool.twice(x: x)\n  out y: int = a.y", "").before("experiment"))
  let running = try project.start(["exp", "run", "a.assay", "-j", "1"])
  #expect(running.waits(for: "▸ trial 1"))
  let second = try project.assay("exp", "run", "a.assay")
  #expect(second.exit == 8)
  #expect(second.err.contains("in use by another engine (process "), "\(second.err)")
  #expect(second.err.contains("assay exp run a.assay -j 1); it runs run 1 of `main` (experiment 1 (tune), trial 1)"))
  let third = try project.start(["run", "b.assay", "--wait"])
  #expect(third.waits(for: "waits: the store is in use by another engine"))
  #expect(second.err.split(separator: "\n").count { $0.hasPrefix("error") } == 1)
  for x in [1, 2] { try project.write("go-\(x)", "") }
  #expect(try running.wait().exit == 0)
  let waited = try third.wait()
  #expect(waited.exit == 0, "\(waited.err)")
  #expect(try project.assay("exp", "list", "--json").json()["experiments"]?.asArray?.count == 1)
}

/// What runs when the budget is used up runs to its end, and counts; nothing new begins.
@Test func aBudgetThatEndsInTheMiddleOfATrial() throws {
  let project = try Project()
  try project.write(
    "a.assay", folds(project, "strategy grid(shuffled: false)", rest: "budget { wall 1s\n parallel 1 }", xs: "1, 2, 3"))
  let running = try project.start(["exp", "run", "a.assay", "--json"])
  let began = try until {
    try Connection(project.path + "/.assay/experiments.db").integer("SELECT at FROM entries WHERE kind = 'proposed'")
  }
  _ = try until { Int64(Date().timeIntervalSince1970 * 1e9) > began + 1_100_000_000 ? 1 : nil }
  try project.write("go-1", "")
  let end = try running.wait()
  #expect(end.exit == 6, "\(end.err)")
  #expect(states(try end.json()) == ["finished"])
  #expect(try end.json()["status"] == "exhausted")
}

/// Looks again until there is something, at most half a minute.
private func until<T>(_ look: () throws -> T?) throws -> T {
  for _ in 0..<3000 {
    if let found = try? look() { return found }
    usleep(10_000)
  }
  return try #require(try look())
}

@Test func allTrialsMayFail() throws {
  let project = try Project([
    "a.assay": document(
      "  step a = tool.boom(x: x)\n  out y: int = a.y",
      "  space { x in int 0..30 }\n  metrics { y = y minimize }\n  stage s { strategy tpe(trials: 12, startup: 4) }")
  ])
  let run = try project.assay("exp", "run", "a.assay", "--json")
  #expect(run.exit == 0, "\(run.err)")
  #expect(states(try run.json()) == [String](repeating: "failed", count: 12))
  let board = try project.assay("exp", "leaderboard")
  #expect(board.exit == 0)
}

/// The wall clock runs backwards all the time.
@Test func aClockThatGoesBackwardsChangesNothing() throws {
  func points(_ environment: [String: String]) throws -> ([Int64?], Project) {
    let project = try Project()
    try project.write(
      "a.assay",
      folds(project, "strategy tpe(trials: 8, startup: 4)\n prune median(after: 3)", rest: "seed 3", xs: "1")
        .replacing("x in [1]", with: "x in int 0..20"))
    for x in 0...22 { try project.write("go-\(x)", "") }
    let run = try project.assay("exp", "run", "a.assay", "-j", "1", "--json", environment: environment)
    #expect(run.exit == 0, "\(run.err)")
    return (trials(try run.json()).map { $0["configuration"]?["x"]?.asInt }, project)
  }
  let (forward, _) = try points([:])
  let (backward, project) = try points(["LD_PRELOAD": try Backwards.built.get()])
  #expect(forward == backward)
  let connection = try Connection(project.path + "/.assay/experiments.db")
  #expect(
    try connection.integer("SELECT max(seq) FROM entries WHERE at < (SELECT at FROM entries WHERE seq = 1)") ?? 0 > 1)
  #expect(try project.assay("artifact", "verify").exit == 0)
  #expect(try project.assay("runs", "list").exit == 0)
}

/// A library that makes the wall clock run backwards.
private enum Backwards {
  struct Failure: Error {}

  static let built: Result<String, any Error> = Result {
    let folder = NSTemporaryDirectory() + "assay-backwards-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <time.h>
    int clock_gettime(clockid_t id, struct timespec *t) {
      static int (*real)(clockid_t, struct timespec *);
      static time_t first;
      if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
      if (id != CLOCK_REALTIME) return real(id, t);
      int code = real(id, t);
      if (!first) first = t->tv_sec + 1;
      t->tv_sec = 2 * first - t->tv_sec - 1;
      t->tv_nsec = 999999999 - t->tv_nsec;
      return code;
    }

    """.write(toFile: folder + "/backwards.c", atomically: true, encoding: .utf8)
    let compiler = Process()
    compiler.executableURL = URL(filePath: "/usr/bin/env")
    compiler.arguments = ["cc", "-shared", "-fPIC", "-o", folder + "/backwards.so", folder + "/backwards.c", "-ldl"]
    try compiler.run()
    compiler.waitUntilExit()
    guard compiler.terminationStatus == 0 else { throw Failure() }
    return folder + "/backwards.so"
  }
}

extension String {
  /// What comes before a word.
  fileprivate func before(_ word: String) -> String { range(of: word).map { String(self[..<$0.lowerBound]) } ?? self }
}
