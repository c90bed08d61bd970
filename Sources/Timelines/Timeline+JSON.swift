internal import Events
internal import Tasks
package import Values

extension Timeline {
  /// The content of `assay.trace/1`: all attempts as they are on record. Times are seconds from the start of the run.
  package var members: [JSON.Member] {
    var members: [JSON.Member] = [.init("run", .int(run)), .init("workflow", .string(workflow))]
    if let finishedAt { members.append(.init("wall_seconds", seconds(finishedAt - startedAt))) }
    members.append(.init("steps", .array(steps.map(Self.json))))
    members.append(.init("attempts", .array(attempts.map(json))))
    members.append(
      .init("reused", .array(reused.map { .object(place($0.node, $0.at) + [.init("from_run", .int($0.source))]) })))
    members.append(
      .init(
        "skipped", .array(skipped.map { .object(place($0.node, $0.at) + [.init("why", .string($0.why.rawValue))]) })))
    members.append(.init("critical_path", .array(criticalPath().map { .int(Int64($0.attempt)) })))
    return members
  }

  private static func json(_ step: StepRecord) -> JSON {
    .object([
      .init("path", .string(step.path)), .init("task", .string(step.task)), .init("version", .string(step.version)),
      .init("phase", .string(step.phase)),
      .init(
        "needs",
        .array(step.needs.map { ["step": .int(Int64($0.step)), "shared": .int(Int64($0.shared))] })),
    ])
  }

  private func json(_ attempt: Attempt) -> JSON {
    var members = place(attempt.node, attempt.startedAt)
    members.append(.init("attempt", .int(Int64(attempt.number))))
    if attempt.isOver {
      members += [
        .init("wall_seconds", seconds(attempt.usage.wallNanoseconds)),
        .init("cpu_seconds", seconds(attempt.usage.cpuNanoseconds)),
        .init("peak_memory_bytes", .int(attempt.usage.peakMemoryBytes)),
      ]
    }
    members.append(.init("process", .int(Int64(attempt.usage.process))))
    if let failure = attempt.failure {
      members.append(
        .init(
          "failure",
          [
            "kind": .string(failure.kind.rawValue), "code": .string(failure.code), "message": .string(failure.message),
          ]))
    }
    return .object(members)
  }

  private func place(_ node: NodeReference, _ at: Int64) -> [JSON.Member] {
    [
      .init("node", .int(Int64(node.node))), .init("step", .int(Int64(node.step))), .init("name", .string(name(node))),
      .init("item", .string(node.item)), .init("at_seconds", seconds(at - startedAt)),
    ]
  }

  private func seconds(_ nanoseconds: Int64) -> JSON { .float(Double(nanoseconds) / 1e9) }
}
