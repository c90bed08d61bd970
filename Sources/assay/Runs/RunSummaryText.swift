internal import Events
internal import Execution
internal import Tasks
internal import Values
internal import Workspace

/// The end of a run, for people and for programs.
struct RunSummaryText {
  var run: Int64
  var result: RunResult
  var model: RunModel
  var file: String
  var nanoseconds: Int64
  var exit: Int32

  private static let maximumFailures = 5
  private static let logLines = 10

  /// Status, sums, failures and the next command.
  func talk(_ paint: Paint, _ glyphs: Glyphs) -> String {
    let isGood = result.status == .succeeded
    let counts = model.counts
    var parts = ["\(counts.done) ran"]
    if counts.reused > 0 { parts.append("\(counts.reused) reused") }
    if counts.skipped > 0 { parts.append("\(counts.skipped) skipped") }
    if counts.failed > 0 { parts.append("\(counts.failed) failed") }
    if counts.stopped > 0 { parts.append("\(counts.stopped) stopped") }
    if counts.retries > 0 { parts.append(counts.retries == 1 ? "1 retry" : "\(counts.retries) retries") }
    let took = Times.duration(nanoseconds: nanoseconds)
    let head = "\(isGood ? glyphs.done : glyphs.failed) run \(run) \(result.status.rawValue)"
    var lines = [paint(head, result.status.style) + " in \(took): \(parts.joined(separator: ", "))"]
    if !isGood { lines += failures(paint) + next(paint) }
    return lines.map { $0 + "\n" }.joined()
  }

  private func failures(_ paint: Paint) -> [String] {
    var lines: [String] = []
    let failures = failedSteps
    for (node, attempt, failure) in failures.prefix(Self.maximumFailures) {
      let attempts = attempt > 1 ? " after \(attempt) attempts" : ""
      lines.append("")
      lines.append(
        paint("error", .bad) + ": step `\(model.name(node))` failed\(attempts): \(Text.harmless(failure.words))")
      for line in failure.log.suffix(Self.logLines) { lines.append(paint("  | ", .faint) + Text.harmless(line)) }
    }
    if failures.count > Self.maximumFailures {
      lines.append("")
      lines.append("… \(failures.count - Self.maximumFailures) more failures")
    }
    if failures.isEmpty, !result.message.isEmpty, result.message != result.status.rawValue {
      lines.append(paint("error", .bad) + ": " + Text.harmless(result.message))
    }
    return lines
  }

  /// None where the store gave up: then all of them say the same, once, in `result.message`.
  private var failedSteps: [(node: NodeReference, attempt: Int, failure: Failure)] {
    result.storeFailure == nil ? model.failures : []
  }

  private func next(_ paint: Paint) -> [String] {
    var lines: [String] = []
    if let (node, _, _) = failedSteps.first {
      lines.append(paint("logs", .strong) + ":   assay runs logs \(run) \(model.steps[node.step].plan.path)")
    }
    lines.append(paint("resume", .strong) + ": assay run \(Self.quoted(file)) --resume \(run)")
    return lines
  }

  /// `name = value`, aligned.
  func outputs(_ paint: Paint, _ glyphs: Glyphs) -> String {
    let width = result.outputs.map { Text.width($0.name) }.max() ?? 0
    return result.outputs.map { output in
      paint(Text.pad(output.name, width), .strong) + " = " + ValueText.words(output.value) + "\n"
    }.joined()
  }

  /// The content of `assay.run/1`.
  var members: [JSON.Member] {
    let counts = model.counts
    var members: [JSON.Member] = [
      .init("run", .int(run)), .init("status", .string(result.status.rawValue)),
      .init("workflow", .string(model.title)), .init("exit", .int(Int64(exit))),
      .init("wall_seconds", .float(Double(nanoseconds) / 1e9)),
      .init(
        "nodes",
        [
          "ran": .int(Int64(counts.done)), "reused": .int(Int64(counts.reused)),
          "skipped": .int(Int64(counts.skipped)), "failed": .int(Int64(counts.failed)),
          "stopped": .int(Int64(counts.stopped)),
          "retries": .int(Int64(counts.retries)),
        ]),
      .init("outputs", .object(result.outputs.map { .init($0.name, $0.value.summary) })),
    ]
    if !result.message.isEmpty { members.append(.init("message", .string(result.message))) }
    let failures = model.failures.map { node, attempt, failure in
      JSON.object([
        .init("step", .string(model.steps[node.step].plan.path)), .init("item", .string(node.item)),
        .init("attempt", .int(Int64(attempt))), .init("failure", failure.json),
      ])
    }
    if !failures.isEmpty { members.append(.init("failures", .array(failures))) }
    return members
  }

  /// As a shell wants it.
  static func quoted(_ word: String) -> String {
    let plain = word.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || "0123456789/._-+=:,@%".unicodeScalars.contains($0)
    }
    return plain && !word.isEmpty
      ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}

/// Values as the command line shows them.
enum ValueText {
  /// One line; files and directories with where they are and how to get them.
  static func words(_ value: Value) -> String {
    switch value {
    case .file(let file): reference(file, "file")
    case .directory(let file): reference(file, "directory")
    default: Text.harmless(value.description)
    }
  }

  private static func reference(_ file: FileReference, _ kind: String) -> String {
    let media = file.mediaType.isEmpty ? kind : file.mediaType
    let size = ByteSize.text(file.size)
    guard let digest = file.digest else { return "\(media), \(size): \(Text.harmless(file.path))" }
    return "\(media), \(size), \(digest.short)  (assay artifact get \(digest.short))"
  }
}
