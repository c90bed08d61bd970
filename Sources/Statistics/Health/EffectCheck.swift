internal import Spaces

extension Health {
  /// Whether any parameter decides at all which trials are good.
  func effects() -> Finding {
    guard let importance = Importance(space, history, draws: draws) else {
      return Finding(.effects, .unknown, "fewer than ten finished trials, or all equally good: effects cannot be seen")
    }
    let significant = importance.rows.filter { ($0.p ?? 1) < Self.alpha }
    let smallest = importance.rows.compactMap(\.p).min() ?? 1
    let numbers = ["p": smallest, "trials": Double(importance.trials)]
    guard let first = significant.first else {
      return Finding(
        .effects, .fail,
        "no parameter has an effect that \(importance.trials) trials show (p \(text(smallest))): the search is a lottery",
        numbers)
    }
    let parameters = count(importance.rows.count, "parameter")
    let explained = Effect.all(space, history)[first.parameter].explained
    return Finding(
      .effects, .pass,
      "\(significant.count) of \(parameters) have an effect, `\(space.parameters[first.parameter].name)` the largest: "
        + "its values explain \(percent(explained)) of the variance between trials (p \(text(first.p ?? 1)))", numbers)
  }
}
