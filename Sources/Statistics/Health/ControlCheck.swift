internal import Strategies

extension Health {
  /// Whether what the strategy proposed is better than what was drawn at random.
  func control() -> Finding {
    let drawn = finished.filter { controls.contains($0.number) }.map(\.value)
    let proposed = finished.filter { !controls.contains($0.number) }.map(\.value)
    guard drawn.count >= Self.fewest, proposed.count >= Self.fewest, let ranks = RankSum(proposed, drawn) else {
      return Finding(
        .control, .unknown,
        "\(count(drawn.count, "random control trial")): whether the strategy is better than chance takes five",
        ["controls": Double(drawn.count)])
    }
    let numbers = [
      "chance": ranks.chanceOfLess, "p": ranks.pOfLess, "controls": Double(drawn.count),
      "proposed": Double(proposed.count),
    ]
    let facts =
      "a proposed trial beats a random one in \(percent(ranks.chanceOfLess)) of pairs (Mann-Whitney p \(text(ranks.pOfLess)), "
      + "\(proposed.count) against \(drawn.count))"
    if ranks.pOfLess < Self.alpha {
      return Finding(.control, .pass, "the strategy is better than random: \(facts)", numbers)
    }
    return ranks.chanceOfLess > 0.5
      ? Finding(.control, .warn, "not shown to be better than random: \(facts)", numbers)
      : Finding(.control, .fail, "no better than random: \(facts)", numbers)
  }
}
