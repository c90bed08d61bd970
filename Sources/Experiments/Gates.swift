package import Workflows

/// A gate that waits for an answer.
package struct WaitingGate: Sendable {
  /// Its place.
  package let stage: Int
  package let name: String
  package let gate: Experiment.Gate
  /// Nanoseconds since 1970.
  package let beganAt: Int64
  /// What was to be seen when it began to wait.
  package let evidence: String
  /// What was answered so far, where several have to.
  package let answers: [(person: String, answer: String)]
  /// Who answers in whose place.
  package let delegations: [(from: String, to: String)]

  /// When it answers itself, if it does.
  package var deadline: Int64? {
    guard gate.fallback != nil, let timeout = gate.timeout else { return nil }
    return beganAt + timeout.inNanoseconds
  }

  /// When those to whom it is escalated may answer too.
  package var escalatesAt: Int64? {
    guard gate.escalation != nil else { return nil }
    return beganAt + (gate.escalatesAfter?.inNanoseconds ?? 0)
  }

  package init(
    stage: Int, name: String, gate: Experiment.Gate, beganAt: Int64, evidence: String,
    answers: [(person: String, answer: String)] = [], delegations: [(from: String, to: String)] = []
  ) {
    self.stage = stage
    self.name = name
    self.gate = gate
    self.beganAt = beganAt
    self.evidence = evidence
    self.answers = answers
    self.delegations = delegations
  }

  /// In which of the roles somebody may answer: one of their own, if they have not handed it on, or one of those who handed theirs to
  /// them. Nil: in none.
  package func role(of person: String, among needed: [String], _ roles: Roles) -> String? {
    for delegation in delegations.reversed() where delegation.to == person {
      if let role = roles.role(of: delegation.from, among: needed) { return role }
    }
    return delegations.contains { $0.from == person } ? nil : roles.role(of: person, among: needed)
  }

  /// Those who may answer.
  package func people(in needed: [String], _ roles: Roles) -> [String] {
    var people: [String] = []
    for person in roles.people(in: needed) {
      let one = delegations.last { $0.from == person }?.to ?? person
      if !people.contains(one) { people.append(one) }
    }
    return people
  }

  /// Roles of which one is needed to answer; empty: everybody may.
  package func roles(at now: Int64) -> [String] {
    guard !gate.roles.isEmpty, let escalation = gate.escalation, let time = escalatesAt, now >= time else {
      return gate.roles
    }
    return gate.roles + [escalation]
  }
}

extension Study {
  package var waitingGates: [WaitingGate] {
    definition.experiment.stages.enumerated().compactMap { place, stage in
      guard closing == nil, case .gate(let gate) = stage.kind, stages[place].status == .running,
        stages[place].answer == nil
      else { return nil }
      return WaitingGate(
        stage: place, name: stage.name, gate: gate, beganAt: stages[place].beganAt, evidence: stages[place].evidence,
        answers: stages[place].answers, delegations: stages[place].delegations)
    }
  }
}

/// Who has which role: `risk-officer=ada,grace`.
package struct Roles: Sendable {
  private var people: [(role: String, names: [String])] = []

  /// Nil: a line is not of that form.
  package init?(_ lines: [String]) {
    for line in lines {
      let parts = line.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else { return nil }
      people.append((String(parts[0]), parts[1].split(separator: ",").map { $0.filter { $0 != " " } }))
    }
  }

  /// Those with one of these roles; a person's own name counts as a role.
  package func people(in roles: [String]) -> [String] {
    var found: [String] = []
    for role in roles {
      let named = people.filter { $0.role == role }.flatMap(\.names)
      for name in named.isEmpty ? [role] : named where !found.contains(name) { found.append(name) }
    }
    return found
  }

  /// The first of these roles that a person has. As long as nobody was given any role, whoever is there has them all: alone at
  /// a laptop one is physician and risk officer, and the record says as what one answered.
  package func role(of person: String, among roles: [String]) -> String? {
    people.isEmpty ? roles.first : roles.first { people(in: [$0]).contains(person) }
  }
}

extension Duration {
  fileprivate var inNanoseconds: Int64 {
    let seconds = self / .seconds(1)
    return seconds < 9e9 ? Int64(seconds * 1e9) : .max / 4
  }
}
