extension Health {
  /// Whether much of what the best trial claims is luck.
  func selection() -> Finding {
    guard let (_, gain) = improvement, let selection = Selection(measured, repeats, draws: draws) else {
      return Finding(
        .selection, .unknown,
        "no trial was measured twice, or fewer than five were: what the best owes to luck cannot be said")
    }
    let share = gain > 0 ? selection.optimism / gain : .infinity
    let numbers = [
      "claimed": selection.claimed, "corrected": selection.corrected, "improvement": gain, "share": share,
    ]
    let facts =
      "the best of \(measured.count) trials claims \(text(sign * selection.claimed)), \(text(sign * selection.corrected)) is to be expected "
      + "(\(selection.method.rawValue)): \(gain > 0 ? percent(share) : "all") of its improvement is luck"
    return Finding(.selection, share >= 0.5 ? .fail : share >= 0.25 ? .warn : .pass, facts, numbers)
  }
}
