internal import Events
internal import Experiments
internal import Foundation
internal import Processes
internal import Settings
internal import Synchronization
internal import Values
internal import Workflows

/// Tells a command or an address of the user's that an experiment waits, has ended or has failed. One after the other, in a
/// thread of its own: whatever becomes of a hook, the experiment does not notice; a hook that failed is said.
final class Hooks: Sendable {
  private let command: String
  private let webhook: String
  private let limit: Duration
  private let notice: @Sendable (String) -> Void
  private let queue = DispatchQueue(label: "hooks")

  /// Nil: there is nothing to call.
  init?(_ settings: Settings, notice: @escaping @Sendable (String) -> Void) {
    command = settings.text(.hookCommand) ?? ""
    webhook = settings.text(.hookWebhook) ?? ""
    limit = settings.duration(.hookTimeout) ?? .seconds(10)
    self.notice = notice
    if command.isEmpty && webhook.isEmpty { return nil }
  }

  func tell(_ members: [JSON.Member]) {
    let text = JSON.object([.init("schema", .string("assay.notification/1"))] + members).compact
    queue.async { [self] in
      if !command.isEmpty { call(["/bin/sh", "-c", command], text, "the command `\(command)`") }
      if !webhook.isEmpty {
        let seconds = "\(max(1, Int(limit / .seconds(1))))"
        call(
          [
            "/usr/bin/env", "curl", "--silent", "--show-error", "--fail", "--max-time", seconds, "--header",
            "Content-Type: application/json", "--data-binary", "@-", "--output", "/dev/null", "--url", webhook,
          ], text, "the webhook \(webhook)")
      }
    }
  }

  /// Waits for those that were called: each has its time and no more.
  func finish() { queue.sync {} }

  private func call(_ arguments: [String], _ text: String, _ name: String) {
    var said: [String] = []
    var command = Processes.Command(arguments, limit: limit)
    command.input = Array(text.utf8)
    do throws(SystemError) {
      let result = try command.run { if said.count < 3 { said.append($0) } }
      guard !result.succeeded else { return }
      let why = result.timedOut ? "took longer than \(DurationLiteral.text(limit)) and was ended" : "failed"
      notice("hook: \(name) \(why)" + (said.isEmpty ? "" : ": " + said.joined(separator: " / ")))
    } catch {
      notice("hook: \(name) could not be called: \(error.reason)")
    }
  }
}

extension Workspace {
  /// Nil: the user has no hooks.
  func messenger(of experiment: Int) -> Messenger? {
    guard let hooks = Hooks(layout.settings, notice: notice),
      let record = try? self.experiment("\(experiment)")
    else { return nil }
    return Messenger(hooks: hooks, workspace: self, record: record)
  }
}

/// What is told of one experiment.
final class Messenger: Sendable {
  let hooks: Hooks
  private let workspace: Workspace
  private let record: ExperimentRecord
  /// Gates that those to whom they are escalated were told of.
  private let escalated = Mutex<Set<Int>>([])

  init(hooks: Hooks, workspace: Workspace, record: ExperimentRecord) {
    self.hooks = hooks
    self.workspace = workspace
    self.record = record
  }

  func tell(_ entry: Entry, _ study: Study) {
    switch entry.fact {
    case .stage(let stage, .began):
      guard let gate = study.waitingGates.first(where: { $0.stage == stage }) else { return }
      tell(gate, "gate", gate.gate.roles)
    case .closed(let closing):
      send("ended", [.init("status", .string(closing.status.rawValue)), .init("reason", .string(closing.reason))])
    default: break
    }
  }

  /// - Parameter began: when the session did; what was due before was told then.
  func escalate(_ study: Study, since began: Int64) {
    let now = Workspace.now()
    for gate in study.waitingGates {
      guard let role = gate.gate.escalation, let time = gate.escalatesAt, time >= began, time <= now,
        escalated.withLock({ $0.insert(gate.stage).inserted })
      else { continue }
      tell(gate, "escalated", [role])
    }
  }

  func failed(_ message: String) { send("failed", [.init("reason", .string(message))]) }

  private func tell(_ gate: WaitingGate, _ event: String, _ roles: [String]) {
    let people = workspace.notified(gate, roles, record)
    guard !people.isEmpty else { return }
    send(
      event,
      [
        .init("gate", .string(gate.name)), .init("question", .string(gate.gate.question)),
        .init("answers", .array(gate.gate.answers.map { .string($0) })), .init("evidence", .string(gate.evidence)),
        .init("to", .array(people.map { .string($0) })),
        .init("command", .string("assay gate answer \(record.number) \(gate.name) ANSWER")),
      ])
  }

  private func send(_ event: String, _ more: [JSON.Member]) {
    hooks.tell(
      [
        .init("event", .string(event)), .init("experiment", .int(Int64(record.number))),
        .init("name", .string(record.name)), .init("uid", .string(record.uid)),
        .init("project", .string(workspace.layout.project)),
      ] + more)
  }
}
