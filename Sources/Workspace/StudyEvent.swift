package import Experiments

/// What a person watching an experiment wants to know.
package enum StudyEvent: Sendable {
  case proposed(Proposed)
  case ended(Ended)
  case stage(Int, StageEvent)
  case decided(Decision, Actor)
  case weighed(Weighed)
  case judged(Judged)
  case promoted(Promoted)
  case confirmed(Confirmed)
  case closed(Closing)

  /// Nil: what an experiment begins with, which is no event of it.
  package init?(_ entry: Entry) {
    switch entry.fact {
    case .proposed(let proposed): self = .proposed(proposed)
    case .ended(let ended): self = .ended(ended)
    case .stage(let stage, let event): self = .stage(stage, event)
    case .decided(let decision): self = .decided(decision, entry.actor)
    case .weighed(let weighed): self = .weighed(weighed)
    case .judged(let judged): self = .judged(judged)
    case .promoted(let promoted): self = .promoted(promoted)
    case .confirmed(let confirmed): self = .confirmed(confirmed)
    case .closed(let closing): self = .closed(closing)
    case .described, .learnt, .settled, .imported: return nil
    }
  }
}
