internal import Plans
package import Spaces
internal import Values
internal import Workflows

/// What decisions of people do to a study.
extension Study {
  mutating func apply(_ decision: Decision) {
    switch decision.operation {
    case .pause: isPaused = true
    case .resume: isPaused = false
    case .stop(let isHard):
      stopReason = decision.reason.isEmpty ? "stopped by a person" : decision.reason
      if isHard { isCancelled = true }
    case .answer(let stage, let answer):
      // The first answer counts.
      guard stages.indices.contains(stage), stages[stage].answer == nil else { return }
      stages[stage].answer = answer
    case .enqueue(let point): if fits(point) { queue.append(point) }
    case .withdraw(let point): if let place = queue.lastIndex(of: point) { queue.remove(at: place) }
    case .exclude(let trial, let isExcluded): change(trial) { $0.isExcluded = isExcluded }
    case .veto(let point, let isVetoed): veto(point, isVetoed)
    case .takeOver(let isTaken): isTakenOver = isTaken
    case .budget(let name, let amount): apply(budget: name, amount)
    case .strategy(let stage, let text): swap(stage, text)
    case .restrict, .lift, .pin, .space: reshape(decision.operation)
    case .note, .forget, .relate: break
    }
  }

  private func fits(_ point: Point) -> Bool {
    point.coordinates.count == definition.space.parameters.count
      && zip(point.coordinates, definition.space.parameters).allSatisfy { $0 == Point.inactive || $1.domain.has($0) }
  }

  private mutating func apply(budget name: String, _ amount: Double?) {
    // Nobody can spend more than this; what is not a number is no amount.
    let amount = amount.flatMap { $0.isNaN ? nil : min(max($0, 0), 1e15) }
    switch name {
    case "trials": budget.trials = amount.map { Int($0) }
    case "wall": budget.wall = amount.map { .seconds($0) }
    case "tasks": budget.work = amount.map { .seconds($0) }
    case "parallel": budget.parallel = amount.map { max(1, Int($0)) }
    case "failures": budget.failures = amount.map { Int($0) }
    default: break
    }
  }

  private mutating func veto(_ point: Point, _ isVetoed: Bool) {
    guard fits(point) else { return }
    limits.vetoes.removeAll { $0 == point }
    if isVetoed { limits.vetoes.append(point) }
    for trial in trials where trial.proposed.point == point { change(trial.number) { $0.isVetoed = isVetoed } }
    reshaped()
  }

  /// What the strategy before wrote into its proposals is nothing to the next one.
  private mutating func swap(_ stage: Int, _ text: String) {
    guard definition.experiment.stages.indices.contains(stage),
      case .strategy(stage, let search)? = reading(
        .strategy(stage: definition.experiment.stages[stage].name, text), edits)
    else { return }
    definition.experiment.stages[stage].kind = .search(search)
    stages[stage].memosFrom = (trials.last?.number ?? 0) + 1
    forgetHistories()
  }

  // MARK: The space

  private mutating func reshape(_ operation: Decision.Operation) {
    switch operation {
    case .restrict(let text):
      guard case .constraint(let constraint)? = reading(.constraint(text), edits),
        let formula = try? Formula(closed: constraint.condition)
      else { return }
      limits.constraints.append(Constraint(text, formula))
    case .lift(let text):
      guard let place = limits.constraints.lastIndex(where: { $0.text == text }) else { return }
      limits.constraints.remove(at: place)
    case .pin(let parameter, let coordinate):
      guard space.parameters.indices.contains(parameter) else { return }
      if let coordinate, !definition.space.parameters[parameter].domain.has(coordinate) { return }
      limits.pins[parameter] = coordinate
    case .space(let text):
      guard case .parameter(let place, let all, let now)? = reading(.parameter(text), edits),
        let widened = try? definition.widened(place, all)
      else { return }
      edits.append(text)
      move(to: widened, place)
      limits.parts[place] = widened.part(now, of: place)
    default: return
    }
    reshaped()
  }

  /// What was tried keeps its values, whatever their coordinates are now.
  private mutating func move(to widened: Definition, _ parameter: Int) {
    let old = definition.space.parameters[parameter].domain
    func moved(_ coordinate: Double) -> Double { widened.moved(coordinate, from: old, parameter) }
    for place in trials.indices {
      trials[place].proposed.point[parameter] = moved(trials[place].proposed.point[parameter])
    }
    for place in queue.indices { queue[place][parameter] = moved(queue[place][parameter]) }
    for place in limits.vetoes.indices { limits.vetoes[place][parameter] = moved(limits.vetoes[place][parameter]) }
    if let pin = limits.pins[parameter] { limits.pins[parameter] = moved(pin) }
    definition = widened
  }

  private mutating func reshaped() {
    space = limits.applied(to: definition.space)
    queue.removeAll { !space.allows($0) || !limits.contain($0) }
    forgetHistories()
  }

  /// Why a configuration cannot be tried; nil when it can.
  package func objection(to point: Point) -> String? {
    if !limits.contain(point) { return "it is outside of what the space is now" }
    guard let broken = space.constraints.first(where: { !space.holds($0, at: point) }) else { return nil }
    return "`where \(broken.text)` forbids it"
  }

  /// Finished trials that the space, as it is now, would allow.
  package var admitted: Int {
    trials.count {
      $0.ended?.outcome == .finished && limits.contain($0.proposed.point) && space.allows($0.proposed.point)
    }
  }
}

extension Domain {
  /// Whether a coordinate, from a record that may be damaged, means something.
  func has(_ coordinate: Double) -> Bool {
    guard coordinate.isFinite else { return false }
    switch self {
    case .choices(let choices): return coordinate >= 0 && coordinate < Double(choices.count)
    case .axis(let axis): return coordinate >= axis.low && coordinate <= axis.high
    }
  }
}
