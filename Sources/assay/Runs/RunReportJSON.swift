internal import Events
internal import Tasks
internal import Timelines
internal import Traces
internal import Values
internal import Workspace

extension RunReportText {
  /// The content of `assay.run.report/1`. Steps are in the order in which they depend on each other.
  var parts: [JSON.Part] {
    var parts = RunText.members(report.detail.summary).map { JSON.Part.member($0.name, $0.value) }
    parts.append(.member("inputs", .object(report.inputs.map { .init($0.name, ValueText.json($0.value)) })))
    if !report.artifacts.isEmpty {
      let artifacts = report.artifacts.map { artifact in
        JSON.Member(
          artifact.name,
          ["version": .string(artifact.version), "value": artifact.value.map(ValueText.json) ?? .null])
      }
      parts.append(.member("artifacts", .object(artifacts)))
    }
    parts.append(.member("variants", .object(report.detail.variants.map { .init($0.step, .string($0.variant)) })))
    parts.append(.member("outputs", .object(report.outputs.map { .init($0.name, ValueText.json($0.value)) })))
    let order = report.timeline.order()
    parts.append(.list("steps", count: order.count) { report.detail.steps[order[$0]].json })
    let failures = report.failures.compactMap { attempt -> JSON? in
      guard case .failure(let failure) = attempt.result else { return nil }
      return .object([
        .init("step", .string(report.timeline.path(attempt.node))), .init("item", .string(attempt.node.item)),
        .init("attempt", .int(Int64(attempt.attempt))), .init("failure", failure.json),
      ])
    }
    parts.append(.member("failed_attempts", .array(failures)))
    parts.append(.member("tainted", .bool(!report.changedInputs.isEmpty)))
    if !report.changedInputs.isEmpty {
      let changes = report.changedInputs.map { change in
        JSON.object([
          .init("step", .string(report.timeline.path(change.node))), .init("item", .string(change.node.item)),
          .init("input", .string(change.input)), .init("artifact", .string("sha256:" + change.artifact.hex)),
        ])
      }
      parts.append(.member("changed_inputs", .array(changes)))
    }
    if !report.gone.isEmpty { parts.append(.member("gone", .array(report.gone.map { .string($0) }))) }
    let path = report.timeline.criticalPath().map { link in
      JSON.object([
        .init("step", .string(report.timeline.path(link.node))), .init("item", .string(link.node.item)),
        .init("wall_seconds", Self.seconds(link.endedAt - link.startedAt)),
        .init("waited_seconds", Self.seconds(link.waited)),
      ])
    }
    parts.append(.member("critical_path", .array(path)))
    parts.append(.member("saved_seconds", Self.seconds(report.savedNanoseconds)))
    let use = report.timeline.resources
    parts.append(
      .member(
        "resources",
        [
          "cpu_seconds": Self.seconds(use.cpuNanoseconds), "wall_seconds": Self.seconds(use.wallNanoseconds),
          "peak_memory_bytes": .int(use.peakMemoryBytes), "processes": .int(Int64(use.processes)),
          "parallel": .int(Int64(use.parallel)),
        ]))
    return parts
  }

  private static func seconds(_ nanoseconds: Int64) -> JSON { .float(Double(nanoseconds) / 1e9) }
}

extension StepSummary {
  var json: JSON {
    .object([
      .init("path", .string(step.path)), .init("task", .string(step.task)), .init("version", .string(step.version)),
      .init("phase", .string(step.phase)), .init("isolation", .string(step.isolation.rawValue)),
      .init("code", .string("sha256:" + step.code.hex)), .init("ran", .int(Int64(counts.succeeded))),
      .init("reused", .int(Int64(counts.reused))), .init("skipped", .int(Int64(counts.skipped))),
      .init("failed", .int(Int64(counts.failed))), .init("running", .int(Int64(counts.running))),
      .init("retries", .int(Int64(counts.retries))), .init("wall_seconds", .float(Double(wallNanoseconds) / 1e9)),
      .init("cpu_seconds", .float(Double(cpuNanoseconds) / 1e9)),
    ])
  }
}
