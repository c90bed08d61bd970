internal import Numbers
package import Spaces
package import Strategies

/// A strategy that has learnt from past experiments.
///
/// It begins with proven configurations and two random ones, goes on with a model whose prior mean is what past experiments say,
/// each weighted by how well it orders the trials so far, and draws one trial in ten at random. While trials speak against the past, it
/// asks the plain strategy. It is a function of the question and the past experiments. Its memo begins with the `Role`.
package struct Informed: Strategy {
  /// Fewer related experiments say too little for a model.
  static let leastRelated = 4
  /// So many trials are drawn at random at the start: one behind the first proven configuration, so that there is contrast, the
  /// others behind the last.
  static let firstControls = 2
  /// Then one trial in so many is.
  static let controlEvery = 10

  package let lessons: [Lesson]
  package let queue: [Proven]
  /// What is asked when the past says nothing.
  package var plain: any Strategy
  /// Those that the model may use.
  private let believed: [Lesson]
  private let numbering: Numbering
  private let model = ExpectedImprovement()

  /// - Parameters:
  ///   - past: in the order in which they were made.
  ///   - space: that of the questions, constraints aside.
  ///   - features: of the data of the new experiment.
  ///   - plain: what is asked when the past says nothing.
  package init(
    _ past: [PastExperiment], for space: Space, features: [String: Double] = [:],
    otherwise plain: any Strategy = TreeParzen()
  ) {
    self.init(past.compactMap { Lesson($0, for: space) }, for: space, features: features, otherwise: plain)
  }

  package init(
    _ lessons: [Lesson], for space: Space, features: [String: Double] = [:],
    otherwise plain: any Strategy = TreeParzen()
  ) {
    self.lessons = lessons
    self.plain = plain
    believed = lessons.filter { $0.uses.contains(.prior) }
    numbering = Numbering(space)
    queue = Queue.plan(lessons, space, features: features)
  }

  package var capabilities: Capabilities {
    var all = plain.capabilities
    all.objectives = 1
    return all
  }

  /// Lessons from the most alike data to the least.
  package static func nearest(_ lessons: [Lesson], to features: [String: Double]) -> [Lesson] {
    Queue.nearest(lessons, to: features)
  }

  /// Whether there is enough for a model.
  private var isModelled: Bool {
    believed.contains { $0.relation == .sameProblem } || believed.count >= Self.leastRelated
  }

  package func ask(_ question: Question) -> Answer { suggest(question).answer }

  /// - Returns: also where the proposal came from; nil when there is none.
  package func suggest(_ question: Question) -> (answer: Answer, source: Source?) {
    let progress = Progress(question.history)
    let next = queue.first { question.admits($0.point) }
    guard isModelled else {
      return next.map { propose($0, question) } ?? alone(.few, question)
    }
    let prior = prior(question.history)
    if let next, !prior.isContradicted, progress.queued == 0 || progress.controls > 0 {
      return propose(next, question)
    }
    if progress.controls < Self.firstControls || progress.sinceControl >= Self.controlEvery - 1 {
      return control(question)
    }
    if prior.isContradicted { return alone(.contradicted, question) }
    return modelled(prior, question) ?? alone(.unmeasured, question)
  }

  /// The next proven configuration, for a strategy that is not informed otherwise; nil when all were tried.
  package func proven(_ question: Question) -> Proposal? {
    guard let next = queue.first(where: { question.admits($0.point) }),
      case .propose(let proposal) = propose(next, question).0
    else { return nil }
    return proposal
  }

  /// What past experiments say, beside these trials.
  func prior(_ history: History, isWeighted: Bool = true) -> Prior {
    Prior(believed, numbering, history, isWeighted: isWeighted)
  }

  private func propose(_ proven: Proven, _ question: Question) -> (Answer, Source?) {
    let lesson = lessons.first { $0.experiment == proven.experiment }
    let seen = question.history.trials.compactMap { trial in trial.outcome.map { (trial.point, $0) } }
    let agreement = lesson.flatMap { lesson in Ranks.agreement(seen.map { lesson.score($0.0) }, seen.map(\.1)) }
    let source = Source.queue(experiment: proven.experiment, trial: proven.trial, agreement: agreement)
    return (.propose(Proposal(proven.point, memo: [Role.queue.rawValue], reason: source.text)), source)
  }

  private func control(_ question: Question) -> (Answer, Source?) {
    labelled(RandomSearch().ask(question), .control, Source.control, Source.control.text)
  }

  private func alone(_ reason: Source.Reason, _ question: Question) -> (Answer, Source?) {
    let source = Source.alone(reason)
    let answer = plain.ask(question.unlabelled)
    guard case .propose(let proposal) = answer else { return (answer, nil) }
    return labelled(answer, .alone, source, "\(source.text): \(proposal.reason)")
  }

  private func modelled(_ prior: Prior, _ question: Question) -> (Answer, Source?)? {
    let last = question.history.trials.last { Role(memo: $0.memo) == .model }?.memo.dropFirst()
    guard
      let finding = model.find(
        question, believing: prior.score, besides: queue.map(\.point), settings: last.map(Array.init)),
      let point = finding.point
    else { return nil }
    let source = Source.model(Array(prior.influences.prefix(3)), slope: finding.slope)
    let proposal = Proposal(
      point, memo: [Role.model.rawValue] + finding.settings, reason: "\(finding.expectation); \(source.text)")
    return (.propose(proposal), source)
  }

  private func labelled(_ answer: Answer, _ role: Role, _ source: Source, _ reason: String) -> (Answer, Source?) {
    guard case .propose(var proposal) = answer else { return (answer, nil) }
    proposal.memo = [role.rawValue] + proposal.memo
    proposal.reason = reason
    return (.propose(proposal), source)
  }
}

extension Question {
  /// As the plain strategy would know it: with the memos of its own trials.
  fileprivate var unlabelled: Question {
    let trials = history.trials.map { trial in
      let memo = Role(memo: trial.memo) == .alone ? Array(trial.memo.dropFirst()) : []
      return Trial(
        trial.number, trial.point, trial.state, values: trial.values, violation: trial.violation, curve: trial.curve,
        memo: memo)
    }
    return Question(space, seed: seed, trial: trial, History(trials), objectives: objectives)
  }
}

/// How far an experiment is, by the roles of its trials.
private struct Progress {
  var queued = 0
  var controls = 0
  /// Trials since the last control.
  var sinceControl = 0

  init(_ history: History) {
    for trial in history.trials {
      let role = Role(memo: trial.memo)
      if role == .queue { queued += 1 }
      if role == .control {
        controls += 1
        sinceControl = 0
      } else {
        sinceControl += 1
      }
    }
  }
}
