/// A call that really ran, as an event log tells it: by its last attempt.
package struct LoggedCall: Sendable {
  package var run: Int64
  package var line: String
  package var node: Int
  package var step: String
  /// `[3]` of a `foreach`; empty otherwise.
  package var item: String
  package var phase: String
  package var task: String
  package var version: String
  package var attempts: Int
  package var startedAt: Int64
  package var endedAt: Int64
  package var cpuSeconds: Double
  /// Why it failed; nil: it has its outputs.
  package var failure: String?
  /// Identifiers of artifacts, each once.
  package var inputs: [String]
  package var outputs: [String]

  package init(
    run: Int64, line: String, node: Int, step: String, item: String, phase: String, task: String, version: String,
    attempts: Int, startedAt: Int64, endedAt: Int64, cpuSeconds: Double, failure: String? = nil,
    inputs: [String] = [], outputs: [String] = []
  ) {
    self.run = run
    self.line = line
    self.node = node
    self.step = step
    self.item = item
    self.phase = phase
    self.task = task
    self.version = version
    self.attempts = attempts
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.cpuSeconds = cpuSeconds
    self.failure = failure
    self.inputs = inputs
    self.outputs = outputs
  }

  package func event(_ activities: Activities) -> LogEvent {
    var attributes: [LogAttribute] = [
      LogAttribute("status", .string(failure == nil ? "succeeded" : "failed")),
      LogAttribute("attempts", .integer(Int64(attempts))),
      LogAttribute("seconds", .float(Double(max(0, endedAt - startedAt)) / 1e9)),
      LogAttribute("cpu_seconds", .float(cpuSeconds)), LogAttribute("phase", .string(phase)),
    ]
    if !item.isEmpty { attributes.append(LogAttribute("item", .string(item))) }
    if let failure { attributes.append(LogAttribute("failure", .string(failure))) }
    return LogEvent(
      id: "call:\(run)/\(node)", type: activities.step(step), startedAt: startedAt, at: max(startedAt, endedAt),
      attributes: attributes,
      relations: [
        LogRelation("line", LogId.line(line)), LogRelation("run", LogId.run(run)),
        LogRelation("task", LogId.task(task, version)),
      ] + inputs.map { LogRelation("input", $0) } + outputs.map { LogRelation("output", $0) })
  }
}
