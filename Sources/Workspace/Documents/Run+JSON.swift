internal import Events
package import Tasks
internal import Timelines
package import Traces
package import Values

extension RunSummary {
  /// One of `assay.runs/1`.
  package var members: [JSON.Member] {
    var members: [JSON.Member] = [
      .init("run", .int(run)), .init("uid", .string(uid)), .init("status", .string(status.rawValue)),
      .init("workflow", .string(workflow)), .init("file", .string(file)),
      .init("started_at", .string(Moment.iso(startedAt))),
    ]
    if let end = finishedAt { members.append(.init("finished_at", .string(Moment.iso(end)))) }
    if !message.isEmpty { members.append(.init("message", .string(message))) }
    if !reason.isEmpty { members.append(.init("reason", .string(reason))) }
    if !user.isEmpty { members.append(.init("user", .string(user))) }
    if let resumes { members.append(.init("resumes", .int(resumes))) }
    if let original = reproduces { members.append(.init("reproduces", .int(original))) }
    return members
  }
}

extension RunReport {
  /// The content of `assay.run.report/1`. Steps are in the order in which they depend on each other.
  package var parts: [JSON.Part] {
    var parts = detail.summary.members.map { JSON.Part.member($0.name, $0.value) }
    parts.append(.member("inputs", .object(inputs.map { .init($0.name, $0.value.summary) })))
    if !artifacts.isEmpty {
      let artifacts = artifacts.map { artifact in
        JSON.Member(
          artifact.name,
          ["version": .string(artifact.version), "value": artifact.value.map(\.summary) ?? .null])
      }
      parts.append(.member("artifacts", .object(artifacts)))
    }
    parts.append(.member("variants", .object(detail.variants.map { .init($0.step, .string($0.variant)) })))
    parts.append(.member("outputs", .object(outputs.map { .init($0.name, $0.value.summary) })))
    let order = timeline.order()
    parts.append(.list("steps", count: order.count) { detail.steps[order[$0]].json })
    let failures = failures.compactMap { attempt -> JSON? in
      guard case .failure(let failure) = attempt.result else { return nil }
      return .object([
        .init("step", .string(timeline.path(attempt.node))), .init("item", .string(attempt.node.item)),
        .init("attempt", .int(Int64(attempt.attempt))), .init("failure", failure.json),
      ])
    }
    parts.append(.member("failed_attempts", .array(failures)))
    if !taskWarnings.isEmpty {
      let warnings = taskWarnings.map { warning in
        JSON.object([
          .init("step", .string(warning.path)), .init("run", .int(warning.run)), .init("text", .string(warning.text)),
        ])
      }
      parts.append(.member("warnings", .array(warnings)))
    }
    parts.append(.member("tainted", .bool(!changedInputs.isEmpty)))
    if !changedInputs.isEmpty {
      let changes = changedInputs.map { change in
        JSON.object([
          .init("step", .string(timeline.path(change.node))), .init("item", .string(change.node.item)),
          .init("input", .string(change.input)), .init("artifact", .string("sha256:" + change.artifact.hex)),
        ])
      }
      parts.append(.member("changed_inputs", .array(changes)))
    }
    if !gone.isEmpty { parts.append(.member("gone", .array(gone.map { .string($0) }))) }
    let path = timeline.criticalPath().map { link in
      JSON.object([
        .init("step", .string(timeline.path(link.node))), .init("item", .string(link.node.item)),
        .init("wall_seconds", Self.seconds(link.endedAt - link.startedAt)),
        .init("waited_seconds", Self.seconds(link.waited)),
      ])
    }
    parts.append(.member("critical_path", .array(path)))
    parts.append(.member("saved_seconds", Self.seconds(savedNanoseconds)))
    let use = timeline.resources
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
  package var json: JSON {
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

extension Value {
  /// As JSON, large parts summed up; files and directories as what they are.
  package var summary: JSON {
    switch self {
    case .file(let file): Self.summary(file, "file")
    case .directory(let file): Self.summary(file, "directory")
    case .list(let items) where items.count <= 1000: .array(items.map(\.summary))
    case .record(let fields): .object(fields.map { .init($0.name, $0.value.summary) })
    default: json(limit: 1000)
    }
  }

  private static func summary(_ file: FileReference, _ kind: String) -> JSON {
    var members: [JSON.Member] = [.init("kind", .string(kind))]
    if let digest = file.digest { members.append(.init("digest", .string("sha256:" + digest.hex))) }
    members += [.init("size", .int(file.size)), .init("media_type", .string(file.mediaType))]
    members.append(.init("path", .string(file.path)))
    return .object(members)
  }
}

extension Failure {
  package var json: JSON {
    var members: [JSON.Member] = [
      .init("kind", .string(kind.rawValue)), .init("code", .string(code)), .init("message", .string(message)),
    ]
    if !port.isEmpty { members.append(.init("port", .string(port))) }
    if signal != 0 { members.append(.init("signal", .int(Int64(signal)))) }
    if !detail.isEmpty { members.append(.init("detail", .string(detail))) }
    if !log.isEmpty { members.append(.init("log", .array(log.map { .string($0) }))) }
    return .object(members)
  }
}
