internal import ArgumentParser
internal import Events
internal import Experiments
internal import Glibc
internal import Values
internal import Workspace

struct ExperimentNarrow: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "narrow", abstract: "Propose a narrower space around the best trials, and apply it.",
    discussion: """
      The best quarter of the finished trials, at least five, say for each parameter what to keep: the range that they span \
      with a tenth on either side, the choices that are among them. On a terminal it asks; elsewhere nothing is changed \
      without --yes. `assay exp undo` takes back each line.

      EXAMPLES:
        assay exp narrow churn_q3
        assay exp narrow churn_q3 --yes --reason "after the screening"
      """)

  @OptionGroup var what: ExperimentOptions
  @Flag(name: .long, help: "Apply it.")
  var yes = false
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(what.experiment)
    let study = try workspace.study(of: record)
    let narrowings = study.narrowings()
    let lines = narrowings.map(\.now)
    guard !narrowings.isEmpty else {
      if console.json {
        console.document("assay.narrowing/1", members(record, narrowings, nil))
      } else {
        console.talk("the best trials suggest no narrower space")
      }
      return ok
    }
    var applies = yes
    if !console.json {
      for one in narrowings { Output.data("\(one.before)  →  \(one.now)") }
      if !yes, isatty(STDIN_FILENO) == 1, console.terminal.outputIsTerminal {
        Output.talk("apply this? [y/N]")
        applies = ["y", "yes"].contains(readLine()?.lowercased() ?? "")
      }
    }
    var decided: Decided?
    if applies {
      decided = try workspace.decide(about: record, reason: decision.reason, basis: decision.basis) {
        (bench) throws(WorkspaceError) in try bench.space(lines)
      }
    }
    if console.json {
      console.document("assay.narrowing/1", members(record, narrowings, decided))
    } else if let decided {
      for line in DecisionText(decided).lines { Output.data(line) }
    } else {
      console.talk("nothing was changed: --yes applies it")
    }
    return ok
  }

  private func members(_ record: ExperimentRecord, _ lines: [Study.Narrowing], _ decided: Decided?) -> [JSON.Member] {
    [
      .init("experiment", .int(Int64(record.number))), .init("applied", .bool(decided != nil)),
      .init(
        "lines",
        .array(
          lines.map {
            .object([
              .init("parameter", .string($0.parameter)), .init("before", .string($0.before)),
              .init("now", .string($0.now)), .init("trials", .int(Int64($0.trials))),
            ])
          })),
    ]
  }
}
