import Events
import Execution
import Tasks
import Values

@testable import assay

/// Live events as the executor makes them, in few words.
enum Make {
  static func node(_ step: Int, _ node: Int, _ item: String = "") -> NodeReference {
    NodeReference(run: 1, node: node, step: step, item: item)
  }

  static func started(_ step: Int, _ number: Int, _ item: String = "") -> LiveEvent {
    .started(node(step, number, item), attempt: 1)
  }

  static func ended(_ step: Int, _ number: Int, _ item: String = "") -> LiveEvent {
    finished(step, number, item, .success([]))
  }

  static func failed(_ step: Int, _ number: Int, _ failure: Failure, attempt: Int = 1) -> LiveEvent {
    finished(step, number, "", .failure(failure), attempt: attempt)
  }

  private static func finished(
    _ step: Int, _ number: Int, _ item: String, _ result: Result<[Value?], Failure>, attempt: Int = 1
  ) -> LiveEvent {
    .recorded(
      .attemptsFinished([
        AttemptFinished(
          node: node(step, number, item), attempt: attempt, startedAt: 0, usage: Usage(), key: nil, arguments: [],
          result: result, reusable: false)
      ]))
  }

  static func reused(_ step: Int, _ number: Int, _ item: String = "", from run: RunNumber = 1) -> LiveEvent {
    .recorded(.nodeReused(NodeReused(node: node(step, number, item), key: Hasher256.digest([]), from: run, at: 0)))
  }

  static func skipped(_ step: Int, _ number: Int, _ why: NodeSkipped.Why) -> LiveEvent {
    .recorded(.nodeSkipped(NodeSkipped(node: node(step, number), why: why, at: 0)))
  }

  static func log(_ number: Int, _ text: String, _ level: LogLevel = .info) -> LiveEvent {
    .recorded(.log(LogLine(run: 1, node: number, attempt: 1, level: level, text: text, at: 0)))
  }

  static func progress(_ step: Int, _ number: Int, _ done: Double, _ total: Double, _ what: String) -> LiveEvent {
    .progress(node(step, number), done: done, total: total, what: what)
  }

  static func retrying(_ step: Int, _ number: Int, in delay: Duration) -> LiveEvent {
    .retrying(
      node(step, number), attempt: 2, delay: delay, failure: Failure(.transient, "later", code: "io.timeout"))
  }

  static func model(_ steps: RunModel.Plan...) -> RunModel { RunModel(title: "churn", steps: steps, now: 0) }
}

/// Seconds of logical time.
func at(_ seconds: Double) -> Int64 { Int64(seconds * 1e9) }
