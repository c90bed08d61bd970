package import Tasks
package import Values

/// What makes a task a judge, by which a stage stops trials early: a pure function from what a trial has shown so far, and
/// what others had shown, to whether it is stopped. As with strategies, its inputs have these names and as much of these types as it
/// wants to see, and what else it takes are its options.
package enum JudgeInterface {
  package static let inputs: [ValueType.RecordField] = [
    .init("curve", .list(.float(nil))), .init("trial", .int(nil)), .init("seed", .int(nil)),
    .init("history", .list(StrategyInterface.trial)), StrategyInterface.inputs[0],
  ]

  package static let outputs: [ValueType.RecordField] = [.init("prune", .bool), .init("reason", .string)]

  package static func options(of task: TaskSignature) -> [Port] { StrategyInterface.options(of: task, but: inputs) }

  /// Why a task is no judge, for a person; nil when it is one.
  static func problem(of task: TaskSignature) -> String? {
    StrategyInterface.problem(of: task, inputs, needs: "curve", outputs, gives: "prune")
  }
}
