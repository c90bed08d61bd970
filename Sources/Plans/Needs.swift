extension Plan {
  /// What a step that calls a task waits for.
  package struct Need: Sendable, Equatable {
    /// Trace number.
    package var step: Int
    /// How many leading indices of their items a call and the one that it needs have in common: `each.b[3]` needs
    /// `each.a[3]` (1), and all of `fit[0]`, `fit[1]`… (0).
    package var shared: Int
  }

  /// By trace number: what each step waits for, those inside scopes included. Linear in the edges of the plan.
  package func needs() -> [[Need]] {
    var needs: [[Need]] = Array(repeating: [], count: taskSteps.count)
    var waiting: [(body: Int, depth: Int, outside: [Need])] = [(0, 0, [])]
    var sinks: [Int: [Int]] = [:]
    while let (body, depth, outside) = waiting.popLast() {
      for step in bodies[body].steps {
        let own = step.dependencies.flatMap { dependency in
          lastSteps(bodies[body].steps[dependency], &sinks).map { Need(step: $0, shared: depth) }
        }
        // What has no predecessor inside begins when its scope does.
        let all = step.dependencies.isEmpty ? outside : own
        switch step.call {
        case .task: if step.number >= 0 { needs[step.number] = all }
        case .scope(let inner): waiting.append((inner, depth + (step.foreach == nil ? 0 : 1), all))
        }
      }
    }
    return needs
  }

  /// The steps that have to end before this one has its outputs: itself, or in a scope those that its outputs come from.
  private func lastSteps(_ step: Step, _ known: inout [Int: [Int]]) -> [Int] {
    guard case .scope(let body) = step.call else { return step.number >= 0 ? [step.number] : [] }
    if let steps = known[body] { return steps }
    var steps: [Int] = []
    for dependency in bodies[body].outputDependencies {
      for last in lastSteps(bodies[body].steps[dependency], &known) where !steps.contains(last) { steps.append(last) }
    }
    known[body] = steps
    return steps
  }
}
