internal import Events
internal import Spaces

/// Decisions that came later, as rows of the ledger.
extension Entry {
  static func putLater(_ operation: Decision.Operation, into row: inout LogRow, _ reason: String) {
    switch operation {
    case .metric(let text, let rank):
      if let rank { row.numbers.append(Double(rank)) }
      row.text = lines("metric", text, reason)
    case .prior(let stated):
      if let stated { row.numbers += [stated.strength] + stated.settings.coordinates }
      row.text = lines("prior", stated?.region ?? "", reason)
    case .again(let trial, let seed, let isAsked):
      row.trial = trial
      row.text = lines("again", "\(isAsked ? "" : "not ")\(seed)", reason)
    case .prefer(let better, let worse, let isPreferred):
      row.trial = better
      row.numbers.append(Double(worse))
      row.text = lines("prefer", isPreferred ? "" : "back", reason)
    case .delegate(let stage, let from, let to):
      row.numbers.append(Double(stage))
      row.text = lines("delegate", to.map { "\(from)\t\($0)" } ?? from, reason)
    case .fill(let stage, let form):
      row.numbers.append(Double(stage))
      row.text = lines("fill", form, reason)
    default: break
    }
  }

  static func laterOperation(_ row: LogRow, _ word: String, _ argument: String) -> Decision.Operation? {
    let numbers = Array(row.numbers.dropFirst())
    switch word {
    case "metric":
      guard let first = numbers.first else { return .metric(argument, rank: nil) }
      return whole(first).map { .metric(argument, rank: $0) }
    case "prior":
      guard let strength = numbers.first else { return .prior(nil) }
      return .prior(StatedPrior(Point(Array(numbers.dropFirst())), region: argument, strength: strength))
    case "again":
      let isAsked = !argument.hasPrefix("not ")
      guard let trial = row.trial, let seed = Int64(isAsked ? argument : String(argument.dropFirst(4))) else {
        return nil
      }
      return .again(trial: trial, seed: seed, isAsked)
    case "prefer":
      guard let better = row.trial, let worse = numbers.first.flatMap(whole) else { return nil }
      return .prefer(better, over: worse, argument != "back")
    case "delegate":
      guard let stage = numbers.first.flatMap(whole) else { return nil }
      let names = argument.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      return .delegate(stage: stage, from: names[0], to: names.count > 1 ? names[1] : nil)
    case "fill": return numbers.first.flatMap(whole).map { .fill(stage: $0, argument) }
    default: return nil
    }
  }
}
