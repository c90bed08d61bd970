internal import ArgumentParser
internal import Events
internal import Experiments
internal import Foundation
internal import Insights
internal import Statistics
internal import Values
internal import Workflows
internal import Workspace

struct ExperimentStatus: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Say how far an experiment is.",
    discussion: """
      With --watch it looks on while an engine runs the experiment, and ends with it.

      EXAMPLES:
        assay exp status
        assay exp status --watch
        assay exp status churn_q3 --json | jq '.trials | length'
      """)

  @OptionGroup var what: ExperimentOptions
  @Flag(name: .long, help: "Look on while it runs; Ctrl-C ends the looking, not the experiment.")
  var watch = false
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if watch, shared.json { throw ValidationError("--watch is for people: it cannot go with --json") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let signals = watch ? Signals.start() : nil
    let record = try workspace.experiment(what.experiment)
    var study = try workspace.study(of: record)
    if let signals { try look(console, workspace, record, &study, signals) }
    if console.json {
      console.document("assay.experiment/1", study.members(number: record.number))
      return ok
    }
    let board = BoardText(study)
    let text = StatusText(study, number: record.number, paint: console.paint, glyphs: console.glyphs)
    for line in text.lines(noise: board?.board.noise, now: Times.unixNow()) { Output.data(line) }
    if study.closing == nil, let judged = study.judged {
      for line in judged.evidence.split(separator: "\n") { Output.data("winner     \(line)") }
    }
    for learnt in study.learnt { Output.data("learnt     \(KnowledgeText.line(learnt))") }
    for line in KnowledgeText.lines(study) { Output.data("knowledge  \(line)") }
    for line in Suggestions(study.learnt, study.definition.space).lines {
      Output.data("suggested  \(Text.harmless(line))")
    }
    if let board {
      Output.data("")
      console.show(board.table(limit: 5), empty: "no trial has finished")
      for note in board.notes(console.talkPaint) { console.talk(note) }
    }
    return signals.map { $0.first == 0 ? ok : 128 + $0.first } ?? ok
  }

  /// Until it is over, or somebody presses Ctrl-C.
  private func look(
    _ console: Console, _ workspace: Workspace, _ record: ExperimentRecord, _ study: inout Study, _ signals: Signals
  ) throws(WorkspaceError) {
    let reporter = StudyReporter(
      study, number: record.number, console.terminal.canRedraw ? .live : .plain, console, isPatient: false)
    defer { reporter.finish() }
    let isOver = DispatchSemaphore(value: 0)
    signals.handle { signal, count in if count == 0 { reporter.pause() } else { isOver.signal() } }
    while study.closing == nil, isOver.wait(timeout: .now() + .milliseconds(200)) == .timedOut {
      for entry in try workspace.refresh(&study, of: record) { reporter.take(entry) }
    }
  }
}

/// How far an experiment is, line by line.
struct StatusText {
  let study: Study
  let number: Int
  let paint: Paint
  let glyphs: Glyphs
  private let course: Course
  private var experiment: Experiment { study.definition.experiment }

  /// So many trials are looked at for what they say about themselves in a moment.
  private static let examined = 20_000

  init(_ study: Study, number: Int, paint: Paint, glyphs: Glyphs) {
    self.study = study
    self.number = number
    self.paint = paint
    self.glyphs = glyphs
    course = Course(study, elapsed: study.elapsed / .seconds(1))
  }

  /// - Parameter noise: how far one value of the first objective scatters, as far as it is known.
  func lines(noise: Double?, now: Int64) -> [String] {
    var lines = ["experiment \(number) (\(experiment.name)): \(study.word)"]
    func add(_ name: String, _ text: String, _ style: Style? = nil) {
      guard !text.isEmpty else { return }
      lines.append(paint(Text.pad(name, 11), .faint) + paint(Text.harmless(text), style))
    }
    add("intent", experiment.intent)
    add("because", study.closing?.reason ?? "")
    for part in course.budget where part.used > 0 || part.limit != nil {
      let bar = part.share.map { StudyFrame.bar($0, 20, glyphs) + " " } ?? ""
      add(part.name, bar + part.words + (part.name == "trials" ? outcomes : ""))
    }
    let counts = Dictionary(study.trials.map { ($0.proposed.stage, 1) }, uniquingKeysWith: +)
    for (place, stage) in experiment.stages.enumerated() {
      let (words, trials) = (study.stages[place].status.words, counts[place].map { Text.count($0, "trial") } ?? "")
      add("stage", "\(stage.name): \(words)" + (trials.isEmpty || words.hasSuffix(trials) ? "" : ", \(trials)"))
    }
    for gate in StudyFrame.gates(study, course, number) { add("waits", gate, .warning) }
    for place in course.running.prefix(8) {
      let trial = study.trials[place]
      let time = Times.clock(seconds: (now - trial.startedAt) / 1_000_000_000)
      add(
        "runs",
        "trial \(trial.number), \(time): \(Words.configuration(trial.proposed.point, of: study.definition))", .active)
    }
    if course.running.count > 8 { add("", "and \(course.running.count - 8) more") }
    if study.trials.count <= Self.examined {
      for finding in study.health where finding.verdict == .warn || finding.verdict == .fail {
        add(finding.verdict.rawValue, finding.sentence, finding.verdict == .fail ? .bad : .warning)
      }
    }
    if study.closing == nil {
      for line in Foresight.lines(experiment, noise: noise) { add("power", line) }
    }
    for (at, actor, decision) in study.decisions {
      add("decision", "\(Times.local(unixNanoseconds: at)) \(actor.name): \(decision.words)")
    }
    return lines
  }

  private var outcomes: String {
    var parts: [String] = []
    for (count, word) in [
      (course.finished, "finished"), (course.failed, "failed"), (course.pruned, "pruned"),
      (course.cancelled, "cancelled"), (course.running.count, "running"), (course.excluded, "excluded"),
    ] where count > 0 {
      parts.append("\(count) \(word)")
    }
    return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
  }
}
