/// How long a run will go on.
struct Forecast: Sendable, Equatable {
  var nanoseconds: Int64
  /// Something that nobody has ever measured, or whose number of calls is not known yet, is left out.
  var isLowerBound: Bool

  var words: String {
    let time = Times.clock(seconds: (nanoseconds + 999_999_999) / 1_000_000_000)
    return isLowerBound ? "more than \(time) left" : "about \(time) left"
  }
}

extension RunModel {
  /// What is left, from how long calls took in this run so far, else in earlier ones. The longer of two bounds: all work
  /// spread over the places there are, and the longest chain of steps that wait for each other. Nil: nothing is known.
  /// Linear in the steps and what they need.
  func forecast(now: Int64) -> Forecast? {
    var work = 0.0
    var chains = [Double](repeating: 0, count: steps.count)
    var isLowerBound = false
    var isKnown = false
    for number in dependencyOrder where steps[number].plan.isWanted {
      let step = steps[number]
      let start = step.plan.needs.reduce(0) { steps.indices.contains($1) ? max($0, chains[$1]) : $0 }
      chains[number] = start
      guard !step.isComplete else { continue }
      if step.total == nil { isLowerBound = true }
      guard let call = step.usualNanoseconds else {
        isLowerBound = true
        continue
      }
      isKnown = true
      let waiting = max(0, (step.total ?? max(1, step.ended + step.running)) - step.ended - step.running)
      let left = call * Double(waiting) + leftOfRunning(step, call, now)
      work += left
      let places = Double(max(1, min(lanes, waiting + step.running)))
      chains[number] = start + max(left / places, waiting > 0 ? call : 0)
    }
    guard isKnown else { return nil }
    let nanoseconds = max(work / Double(max(1, lanes)), chains.max() ?? 0)
    return Forecast(nanoseconds: Int64(min(nanoseconds, 1e18)), isLowerBound: isLowerBound)
  }

  /// Of a single call it is known since when it runs; of many, that they are half done on the average.
  private func leftOfRunning(_ step: Step, _ call: Double, _ now: Int64) -> Double {
    guard step.running == 1, step.ended == 0, let start = step.startedAt else {
      return call / 2 * Double(step.running + step.retrying.count)
    }
    return max(0, call - Double(now - start))
  }
}

extension RunModel.Step {
  /// Of one call: the mean of this run, else what was usual before.
  var usualNanoseconds: Double? {
    if done > 0 { return Double(busy) / Double(done) }
    return plan.usual.map(Double.init)
  }
}
