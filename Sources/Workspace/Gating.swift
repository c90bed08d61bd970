internal import Diagnostics
package import Events
package import Experiments
internal import Settings
internal import Traces
internal import Values
internal import Workflows

/// A gate of some experiment of the project.
package struct Question: Sendable {
  package let record: ExperimentRecord
  package let gate: WaitingGate
  /// How many entries the log had.
  package let basis: Int
  /// Of which one is needed to answer now; empty: everybody may.
  package let roles: [String]
  /// Who has them.
  package let people: [String]
  /// In which role the person who asks may answer: their own name where everybody may; nil: they may not.
  package let role: String?
}

extension Workspace {
  package func roles() throws(WorkspaceError) -> Roles {
    let lines = layout.settings.texts(.roles)
    guard let roles = Roles(lines) else {
      throw WorkspaceError(
        .document, "`people.roles` has a line that is not of the form `ROLE=NAME,NAME`",
        help: "\(layout.settings.origin(.roles).words) says: \(lines.joined(separator: " "))")
    }
    return roles
  }

  package func questions(
    _ study: Study, of record: ExperimentRecord, for person: String = Workspace.user
  ) throws(WorkspaceError) -> [Question] {
    let roles = try roles()
    return study.waitingGates.map { question($0, of: record, basis: study.count, roles, for: person) }
  }

  fileprivate func question(
    _ gate: WaitingGate, of record: ExperimentRecord, basis: Int, _ roles: Roles, for person: String
  ) -> Question {
    let needed = gate.roles(at: Self.now())
    return Question(
      record: record, gate: gate, basis: basis, roles: needed, people: gate.people(in: needed, roles),
      role: needed.isEmpty ? person : gate.role(of: person, among: needed, roles))
  }

  /// All gates that wait, the newest first.
  ///
  /// - Parameter look: how an experiment is now; nil where that cannot be told: it is left out.
  package func questions(
    for person: String = Workspace.user, _ look: (ExperimentRecord) -> Study?
  ) throws(WorkspaceError) -> [Question] {
    var questions: [Question] = []
    let open: [ExperimentRecord]
    do throws(TraceError) { open = try experimentLedger().open() } catch { throw WorkspaceError(error) }
    for record in open {
      if let study = look(record) { questions += try self.questions(study, of: record, for: person) }
    }
    return questions.sorted { $0.gate.beganAt > $1.gate.beganAt }
  }

  package func questions() throws(WorkspaceError) -> [Question] {
    try questions { record in
      do throws(WorkspaceError) { return try study(of: record) } catch {
        notice("experiment \(record.number) (\(record.name)) is left out: \(error.message)")
        return nil
      }
    }
  }

  /// Who is to be told that a gate waits: those who may answer (where everybody may: who began the experiment), without those who
  /// were asked as often as they want to be in a day.
  func notified(_ gate: WaitingGate, _ roles: [String], _ record: ExperimentRecord) -> [String] {
    let known = (try? self.roles()) ?? Roles([])
    func people(_ roles: [String], _ record: ExperimentRecord) -> [String] {
      let named = known?.people(in: roles) ?? []
      return named.isEmpty ? [record.user] : named
    }
    let asked = people(roles, record)
    guard let most = layout.settings.integer(.questions) else { return asked }
    var counts: [String: Int64] = [:]
    let since = gate.beganAt - 86_400_000_000_000
    for other in (try? experiments(limit: 200)) ?? [] {
      guard let study = try? study(of: other) else { continue }
      for (place, stage) in study.definition.experiment.stages.enumerated() {
        guard case .gate(let declared) = stage.kind, study.stages[place].beganAt > since,
          other.number != record.number || place != gate.stage
        else { continue }
        for person in people(declared.roles, other) { counts[person, default: 0] += 1 }
      }
    }
    return asked.filter { counts[$0, default: 0] < most }
  }
}

extension Bench {
  /// - Parameters:
  ///   - restriction: a condition that holds from now on, which goes with the answer `narrow`.
  ///   - fields: of the form of the gate; a refusal may do without.
  package func ruling(
    answering name: String, _ answer: String, where restriction: String?, fields: [String] = []
  ) throws(WorkspaceError) -> Ruling {
    let (place, declared) = try gate(named: name)
    guard declared.answers.contains(answer) else {
      throw WorkspaceError(
        .usage, "gate `\(name)` does not take `\(answer)`", help: "answers: \(declared.answers.joined(separator: ", "))"
      )
    }
    if let given = study.stages[place].answer {
      let who = study.decisions.first {
        if case .answer(place, _) = $0.decision.operation { true } else { false }
      }
      throw WorkspaceError(
        .usage, "gate `\(name)` was answered already: \(given)" + (who.map { ", by \($0.actor.name)" } ?? ""))
    }
    let (question, role) = try asked(place, name)
    if question.gate.answers.contains(where: { $0.person == person }) {
      throw WorkspaceError(
        .usage, "\(person) has answered gate `\(name)` already: it wants \(declared.approvals) people",
        help: "others who may: \(question.people.filter { $0 != person }.joined(separator: ", "))")
    }
    var operations: [Decision.Operation] = [.answer(stage: place, answer)]
    if let restriction {
      guard answer == "narrow" else {
        throw WorkspaceError(
          .usage, "only `narrow` takes a condition", help: "`assay exp veto --where` forbids a region")
      }
      _ = try read(.constraint(restriction))
      operations.insert(.restrict(restriction), at: 0)
    }
    let isRefusal = answer == "stop" || answer == "reject"
    if !fields.isEmpty || !declared.fields.isEmpty && !isRefusal {
      let settings = try Assignment.all(fields)
      let form = try saying { () throws(ConfigurationError) in try Form(declared.fields).filled(settings) }
      operations.insert(.fill(stage: place, form.compact), at: 0)
    }
    return Ruling(operations, role: question.roles.isEmpty ? nil : role)
  }

  /// Somebody else answers a gate in the place of whoever says so.
  package func delegate(_ name: String, to other: String) throws(WorkspaceError) -> Ruling {
    let (place, _) = try gate(named: name)
    let (question, role) = try asked(place, name)
    guard !question.roles.isEmpty else {
      throw WorkspaceError(.usage, "everybody may answer gate `\(name)`: there is nothing to hand on")
    }
    guard other != person, !other.isEmpty, !other.contains(where: \.isNewline), !other.contains("\t") else {
      throw WorkspaceError(.usage, "a gate is handed on to somebody else")
    }
    // What was handed on to them goes further in the name of whose it was.
    let from = question.gate.delegations.last { $0.to == person }?.from ?? person
    return Ruling([.delegate(stage: place, from: from, to: other)], role: role)
  }

  private func gate(named name: String) throws(WorkspaceError) -> (place: Int, gate: Experiment.Gate) {
    let stages = study.definition.experiment.stages
    if let place = study.place(of: name), case .gate(let declared) = stages[place].kind { return (place, declared) }
    let gates = stages.filter { if case .gate = $0.kind { true } else { false } }.map(\.name)
    let near = nearest(name, gates).map { "did you mean `\($0)`?" }
    throw WorkspaceError(
      .notFound, "there is no gate `\(name)`",
      help: near ?? (gates.isEmpty ? "" : "gates: \(gates.joined(separator: ", "))"))
  }

  /// A gate that waits, and the role in which the person may answer it.
  private func asked(_ place: Int, _ name: String) throws(WorkspaceError) -> (Question, role: String) {
    guard let gate = study.waitingGates.first(where: { $0.stage == place }) else {
      throw WorkspaceError(
        .usage, "gate `\(name)` does not ask yet", help: "`assay exp status \(record.number)` says how far it is")
    }
    let question = workspace.question(gate, of: record, basis: study.count, try workspace.roles(), for: person)
    if let role = question.role { return (question, role) }
    if let delegation = gate.delegations.last(where: { $0.from == person }) {
      throw WorkspaceError(
        .usage, "\(person) has handed gate `\(name)` on to \(delegation.to)",
        help: "`assay exp decisions \(record.number)` has the entry, `assay exp undo` takes it back")
    }
    throw WorkspaceError(
      .usage, "\(person) may not answer gate `\(name)`: it asks \(question.roles.joined(separator: " or "))",
      help: question.people == question.roles
        ? "`assay config set people.roles` says who has a role" : "people: \(question.people.joined(separator: ", "))"
    )
  }
}
