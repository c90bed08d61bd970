internal import Knowledge
internal import Spaces
package import Strategies
internal import Tasks
package import Values
internal import Workflows

/// Between the questions of the engine and the values that tasks understand (`StrategyInterface`).
extension Asking {
  /// What the task is called with, by parameter.
  package var arguments: [(name: String, value: Value)] {
    let known = ["space": space, "history": history, "seed": .int(Int64(bitPattern: question.seed))].merging([
      "trial": .int(Int64(question.trial)), "objectives": .int(Int64(objectives)),
      "trials": trials.map { .int(Int64($0)) } ?? .null,
    ]) { $1 }
    return strategy.task.signature.parameters.compactMap { port in
      if let value = known[port.name] { return (port.name, port.type.part(of: value)) }
      return call.option(port.name).map { (port.name, port.type.coerced($0)) }
    }
  }

  private var objectives: Int { min(question.objectives, StrategyInterface.objectives(of: strategy.task.signature)) }

  private var space: Value {
    let parameters = question.space.parameters.map { parameter -> Value in
      var shape = ParameterShape(parameter)
      if strategy.flattens { shape.condition = nil }
      return shape.value
    }
    return .record([
      .init("parameters", .list(parameters)),
      .init("constraints", .list(question.space.constraints.map { .string($0.text) })),
    ])
  }

  private var history: Value {
    let count = objectives
    return .list(
      question.history.trials.map { trial in
        .record([
          .init("trial", .int(Int64(trial.number))), .init("point", .list(shown(trial.point))),
          .init("state", .string("\(trial.state)")),
          .init("values", .list(trial.values.prefix(count).map { .float($0) })),
          .init("violation", .float(trial.violation)), .init("curve", .list(trial.curve.map { .float($0) })),
          // What came of earlier experiments has a memo that says so, and none of the strategy.
          .init("memo", .string(trial.memo == [Role.queue.rawValue] ? "" : MemoText.text(trial.memo))),
        ])
      })
  }

  private func shown(_ point: Point) -> [Value] {
    point.coordinates.enumerated().map { index, coordinate in
      if coordinate != Point.inactive { return .float(coordinate) }
      return strategy.flattens ? .float(question.space.parameters[index].preset) : .null
    }
  }

  // MARK: Answers

  private static let longestMemo = 1 << 20
  private static let longestReason = 400

  /// What the outputs of the task mean. A point that was tried or is not allowed becomes one nearby that is new.
  package func answer(_ outputs: [(name: String, value: Value)]) throws(AnswerError) -> Answer {
    let given = Dictionary(outputs) { first, _ in first }
    switch given["answer"] {
    case nil, .null, .string("propose"): break
    case .string("wait"):
      if question.history.trials.contains(where: { $0.state == .running }) { return .wait }
      throw AnswerError(message: "it waits, but nothing runs that it could wait for")
    case .string("exhausted"): return .exhausted
    default: throw AnswerError(message: "its `answer` is \(given["answer"]?.description ?? "missing")")
    }
    let point = try point(given["point"] ?? .null)
    let memo = if case .string(let text)? = given["memo"] { text } else { "" }
    guard memo.utf8.count <= Self.longestMemo else {
      throw AnswerError(message: "its memo has \(memo.utf8.count) bytes; \(Self.longestMemo) are allowed")
    }
    let numbers = MemoText.packed(memo)
    let reason = reason(given["reason"])
    if question.admits(point) { return .propose(Proposal(point, memo: numbers, reason: reason)) }
    guard let other = question.untried(near: point) else { return .exhausted }
    let why = question.space.allows(point) ? "was tried before" : "is not allowed"
    return .propose(Proposal(other, memo: numbers, reason: "\(reason); that point \(why): one near it"))
  }

  private func reason(_ given: Value?) -> String {
    guard case .string(let text)? = given, let line = text.split(whereSeparator: \.isNewline).first else {
      return "asked \(call.name)"
    }
    return String(line.prefix(Self.longestReason))
  }

  private func point(_ given: Value) throws(AnswerError) -> Point {
    guard case .list(let items) = given else { throw AnswerError(message: "its `point` is missing") }
    let parameters = question.space.parameters
    guard items.count == parameters.count else {
      throw AnswerError(message: "its point has \(items.count) coordinates, the space has \(parameters.count)")
    }
    var point = Point([Double](repeating: Point.inactive, count: parameters.count))
    for (index, item) in items.enumerated() {
      let parameter = parameters[index]
      guard question.space.isActive(index, in: point) else {
        if item == .null || strategy.flattens { continue }
        throw AnswerError(message: "it gives `\(parameter.name)`, which does not exist at its point")
      }
      guard let number = item.number else {
        throw AnswerError(message: "it gives no value for `\(parameter.name)`")
      }
      guard let coordinate = parameter.domain.coordinate(nearest: number) else {
        throw AnswerError(message: "it gives \(number) for `\(parameter.name)`, which is \(parameter.domain.range)")
      }
      point[index] = coordinate
    }
    return point
  }
}

extension Domain {
  /// The coordinate that a plugin means: within the rounding of its arithmetic; nil outside.
  fileprivate func coordinate(nearest number: Double) -> Double? {
    guard case .axis(let axis) = self, axis.step == nil else {
      guard number.isFinite else { return nil }
      if case .axis(let axis) = self, case .integers = axis.kind { return coordinate(of: .float(number)) }
      if case .axis(let axis) = self, case .floats = axis.kind { return coordinate(of: .float(number)) }
      return number == number.rounded() && number >= 0 && number < Double(count ?? 0) ? number : nil
    }
    let slack = 1e-9 * max(axis.high - axis.low, axis.high.magnitude, axis.low.magnitude)
    guard number >= axis.low - slack, number <= axis.high + slack else { return nil }
    return min(max(number, axis.low), axis.high)
  }

  fileprivate var range: String {
    switch self {
    case .choices(let values): "a place in a list of \(values.count)"
    case .axis(let axis):
      switch axis.kind {
      case .listed(let values): "a place in a list of \(values.count)"
      case .integers: "a whole number from \(Int64(axis.low)) to \(Int64(axis.high))" + steps(axis, 1)
      case .floats: "a number from \(axis.low) to \(axis.high)" + steps(axis, nil)
      }
    }
  }

  private func steps(_ axis: Axis, _ plain: Double?) -> String {
    axis.step.flatMap { $0 == plain ? nil : " in steps of \($0)" } ?? ""
  }
}

extension ParameterShape {
  init(_ parameter: Spaces.Parameter) {
    switch parameter.domain {
    case .choices(let values): self.init(parameter.name, listed: values.map(\.choiceText), isOrdered: false)
    case .axis(let axis):
      switch axis.kind {
      case .listed(let values): self.init(parameter.name, listed: values.map(\.choiceText), isOrdered: true)
      case .integers, .floats:
        self.init(
          parameter.name, axis.kind == .integers ? .int : .float, from: axis.low, to: axis.high, step: axis.step,
          isLogarithmic: axis.isLogarithmic)
      }
    }
    condition = parameter.condition.map { ($0.parameter, $0.choices) }
  }
}
