package import Strategies

/// Whether past experiments helped, with the evidence.
package struct Verdict: Sendable, Equatable {
  package enum Kind: Sendable, Equatable { case helped, harmed, none }

  package let kind: Kind
  /// Spearman's, between what all past experiments say alike weighted and what was seen; nil when nothing can be compared.
  package let correlation: Double?
  /// How many standard deviations better proven configurations were than the control group.
  package let advantage: Double
  /// Trials by where they came from.
  package let counts: (queue: Int, control: Int, model: Int, alone: Int)

  /// Harmed is said at one chance in ten of being wrong when there is no relation, since a false alarm costs little; helped at
  /// one in twenty.
  private static let harm = -1.2816
  private static let help = 1.6449

  package init(_ strategy: Informed, _ history: History) {
    func outcomes(_ role: Role) -> [Double] {
      history.trials.filter { Role(memo: $0.memo) == role }.compactMap(\.outcome)
    }
    let (queue, control) = (outcomes(.queue), outcomes(.control))
    counts = (queue.count, control.count, outcomes(.model).count, outcomes(.alone).count)
    // Unweighted: weights are chosen by the same trials, so that agreement with them is no evidence. Without trials of the
    // model, which are all good: among them no order is to be seen.
    let chosen = History(history.trials.filter { Role(memo: $0.memo) != .model })
    let count = chosen.trials.count { $0.outcome != nil }
    correlation = strategy.prior(chosen, isWeighted: false).correlation
    advantage = Ranks.excess(of: control, over: queue)
    let agreement = correlation.map { Ranks.deviations($0, count) } ?? 0
    if agreement <= Self.harm || advantage <= Self.harm {
      kind = .harmed
    } else if agreement >= Self.help || advantage >= Self.help {
      kind = .helped
    } else {
      kind = .none
    }
  }

  package static func == (a: Verdict, b: Verdict) -> Bool {
    a.kind == b.kind && a.correlation == b.correlation && a.advantage == b.advantage && a.counts == b.counts
  }
}
