package import Knowledge
internal import Spaces
package import Strategies
internal import Workflows

/// Lessons for a space, and the strategy that was made of them.
struct PastLessons: Sendable {
  let strategy: Informed
  private let names: [String]
  private let domains: [Domain]

  init(_ learnt: [Learnt], from written: Space, to space: Space, features: [String: Double], _ plain: any Strategy) {
    strategy = Informed(learnt.map { $0.past(written) }, for: space, features: features, otherwise: plain)
    names = space.parameters.map(\.name)
    domains = space.parameters.map(\.domain)
  }

  /// Constraints do not change what was learnt.
  func fits(_ space: Space) -> Bool {
    names == space.parameters.map(\.name) && domains == space.parameters.map(\.domain)
  }
}

extension Study {
  /// The strategies with a model that past experiments inform.
  package static let informable = ["tpe", "gp"]
  /// Those whose trials cover the space together: proven configurations would tear holes. All others begin with these.
  package static let covering = ["sobol", "lhs", "grid"]

  /// The strategy of a stage, with what was learnt.
  mutating func informed(_ plain: any Strategy, _ search: Experiment.Search) -> any Strategy {
    if search.strategy.name == "random", !learnt.isEmpty { return ControlGroup() }
    guard Self.informable.contains(search.strategy.name), let lessons = pastLessons(plain) else { return plain }
    var strategy = lessons.strategy
    strategy.plain = plain
    return strategy
  }

  /// What a strategy without such a model begins with; nil: with its own.
  mutating func proven(_ question: Question, _ search: Experiment.Search) -> Proposal? {
    guard !learnt.isEmpty, !(Self.informable + Self.covering).contains(search.strategy.name) else { return nil }
    return pastLessons(TreeParzen())?.strategy.proven(question)
  }

  private mutating func pastLessons(_ plain: any Strategy) -> PastLessons? {
    guard !learnt.isEmpty else { return nil }
    if let lessons, lessons.fits(space) { return lessons }
    lessons = PastLessons(
      learnt, from: original, to: space, features: description?.data.features ?? [:], plain)
    return lessons
  }

  /// Whether past experiments helped, by the trials so far; nil where nothing was learnt.
  package func assessment() -> Assessment? {
    var study = self
    guard let lessons = study.pastLessons(TreeParzen()) else { return nil }
    return Assessment(lessons.strategy, histories.all(of: trials, withMemos: true))
  }
}

/// What past experiments were worth to an experiment.
package struct Assessment: Sendable {
  package let verdict: Verdict
  /// Against random search, by the control group; nil without one.
  package let efficiency: Efficiency?
  /// Those that had something to say.
  package let lessons: [Lesson]

  /// - Parameter history: of all trials, with their memos.
  package init(_ strategy: Informed, _ history: History) {
    verdict = Verdict(strategy, history)
    efficiency = Efficiency(history)
    lessons = strategy.lessons
  }
}

/// Random search beside proven configurations: all that it draws is a control group.
private struct ControlGroup: Strategy {
  var capabilities: Capabilities { RandomSearch().capabilities }

  func ask(_ question: Question) -> Answer {
    guard case .propose(var proposal) = RandomSearch().ask(question) else { return RandomSearch().ask(question) }
    proposal.memo = [Role.control.rawValue]
    return .propose(proposal)
  }
}

extension Proposed.Source {
  static func of(_ proposal: Proposal) -> Self {
    switch Role(memo: proposal.memo) {
    case .queue: .past
    case .control: .control
    case .model, .alone, nil: .strategy
    }
  }
}
