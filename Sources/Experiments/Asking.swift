package import Strategies
package import Workflows

/// A question to a strategy of a plugin. Like every question it follows from the log alone.
package struct Asking: Sendable, Equatable {
  package let stage: Int
  package let question: Question
  package let call: Experiment.Call
  package let strategy: StrategyTask
  /// Of the stage; nil: open.
  package let trials: Int?

  package static func == (a: Asking, b: Asking) -> Bool {
    a.stage == b.stage && a.question.trial == b.question.trial && a.question.history.count == b.question.history.count
  }
}

extension Study {
  /// Nil while the strategy waits for what runs.
  mutating func ask(_ question: Question, _ stage: Int, _ search: Experiment.Search) -> Move? {
    guard let strategy = search.strategy.task, waiting[stage] != count else { return nil }
    return .ask(
      Asking(stage: stage, question: question, call: search.strategy, strategy: strategy, trials: search.trials))
  }

  /// What goes on record after the answer to a question that is still the question; nil: the strategy waits.
  package mutating func asked(_ asking: Asking, _ answer: Answer) -> Entry.Fact? {
    switch answer {
    case .propose(let proposal):
      return .proposed(
        Proposed(
          trial: asking.question.trial, stage: asking.stage, round: stages[asking.stage].round, point: proposal.point,
          memo: proposal.memo, reason: proposal.reason))
    case .exhausted where stages[asking.stage].running == 0:
      return .stage(asking.stage, .ended("`\(asking.call.name)` has nothing more to try"))
    case .wait, .exhausted:
      waiting[asking.stage] = count
      return nil
    }
  }
}

/// What a plugin gave is no answer.
package struct AnswerError: Error, Sendable, Equatable {
  package let message: String
}

/// A text as the numbers of a memo: its length, then six bytes to a number, which a double holds exactly.
enum MemoText {
  static func packed(_ text: String) -> [Double] {
    guard !text.isEmpty else { return [] }
    let bytes = Array(text.utf8)
    var numbers = [Double(bytes.count)]
    numbers.reserveCapacity(bytes.count / 6 + 2)
    for start in stride(from: 0, to: bytes.count, by: 6) {
      let group = bytes[start..<min(start + 6, bytes.count)]
      numbers.append(Double(group.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }))
    }
    return numbers
  }

  /// Empty for the memo of a strategy that writes numbers.
  static func text(_ memo: [Double]) -> String {
    guard let count = memo.first.flatMap({ Int(exactly: $0) }), count > 0, memo.count == 1 + (count + 5) / 6 else {
      return ""
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    for number in memo.dropFirst() {
      guard let group = UInt64(exactly: number) else { return "" }
      let width = min(6, count - bytes.count)
      for place in (0..<width).reversed() { bytes.append(UInt8(truncatingIfNeeded: group >> UInt64(8 * place))) }
    }
    return String(validating: bytes, as: UTF8.self) ?? ""
  }
}
