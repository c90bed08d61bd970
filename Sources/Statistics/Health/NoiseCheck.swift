extension Health {
  /// Whether what was gained is larger than what the metric scatters by itself.
  func noise() -> Finding {
    guard let (best, gain) = improvement, let noise = Noise(measured) else {
      return Finding(
        .noise, .unknown, "no trial was measured twice, or fewer than five were: repeat some to see how large noise is")
    }
    let error = noise.deviation * repeats.varianceFactor(best.values.count).squareRoot()
    let ratio = gain > 0 ? error / gain : .infinity
    let numbers = ["noise": noise.deviation, "error": error, "improvement": gain, "ratio": ratio]
    let facts =
      "the best is \(text(gain)) better than the middle trial, its mean is known to ± \(text(error)) "
      + "(noise \(text(noise.deviation)), \(count(best.values.count, "repeat")))"
    return ratio >= 1
      ? Finding(.noise, .fail, "noise is larger than the improvement: \(facts)", numbers)
      : ratio >= 0.5
        ? Finding(.noise, .warn, "noise is half as large as the improvement, or more: \(facts)", numbers)
        : Finding(.noise, .pass, facts, numbers)
  }
}
