internal import ArgumentParser
internal import Events
internal import Experiments
internal import Values
internal import Workflows
internal import Workspace

struct GateShow: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a gate that waits: the question, who may answer, and the evidence.",
    discussion: """
      The evidence is what was known when the gate began to wait; it is on record with it.

      EXAMPLES:
        assay gate show churn_q3
        assay gate show 4 review --json
      """)

  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("The gate, where several wait.", valueName: "gate"))
  var gate: String?
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(experiment)
    let waiting = try workspace.questions(try workspace.study(of: record), of: record)
    guard let question = gate.map({ name in waiting.first { $0.gate.name == name } }) ?? waiting.first else {
      throw WorkspaceError(
        .notFound, gate.map { "gate `\($0)` does not wait" } ?? "no gate of experiment \(record.number) waits",
        help: waiting.isEmpty
          ? "`assay gate list` shows those that do" : "waiting: \(waiting.map(\.gate.name).joined(separator: ", "))")
    }
    let found = question.gate
    if console.json {
      console.document("assay.gate/1", question.members)
      return ok
    }
    Output.data("gate       \(found.name) of experiment \(record.number) (\(record.name))")
    if !found.gate.question.isEmpty { Output.data("asks       \(found.gate.question)") }
    Output.data("since      \(Times.local(unixNanoseconds: found.beganAt))")
    Output.data("answers    \(found.gate.answers.joined(separator: ", "))")
    let people = question.people == question.roles ? "" : " (\(question.people.joined(separator: ", ")))"
    Output.data(
      "by         " + (question.roles.isEmpty ? "anybody" : question.roles.joined(separator: " or ") + people))
    if found.gate.approvals > 1 {
      let given = found.answers.map { "\($0.person) \($0.answer)" }.joined(separator: ", ")
      Output.data(
        "approvals  \(found.gate.approvals) people have to say the same" + (given.isEmpty ? "" : "; so far: \(given)"))
    }
    for delegation in found.delegations { Output.data("handed on  by \(delegation.from) to \(delegation.to)") }
    for (place, field) in found.gate.fields.enumerated() {
      Output.data((place == 0 ? "form       " : "           ") + field.words)
    }
    if let deadline = found.deadline {
      Output.data("otherwise  \(found.gate.fallback ?? "") at \(Times.local(unixNanoseconds: deadline))")
    }
    if let time = found.escalatesAt {
      Output.data("escalates  to \(found.gate.escalation ?? "") at \(Times.local(unixNanoseconds: time))")
    }
    for (place, line) in found.evidence.split(separator: "\n").enumerated() {
      Output.data((place == 0 ? "evidence   " : "           ") + line)
    }
    let form = found.gate.fields.map { " --field \($0.name)=…" }.joined()
    console.talk("assay gate answer \(record.number) \(found.name) \(found.gate.answers.first ?? "continue")\(form)")
    return ok
  }
}
