internal import Diagnostics
internal import Events
internal import Traces
internal import Values
internal import Workspace

/// What `assay artifact` was asked for.
struct Found: Sendable {
  enum Content: Sendable {
    /// Bytes in a file.
    case file(path: String)
    case directory(path: String)
    /// A value that is no file: shown as JSON.
    case value(Value)
  }
  var content: Content
  var digest: Digest?
  var size: Int64
  var mediaType: String
  /// The output's name, or the digest: what a copy is called.
  var name: String

  /// By digest, `RUN:OUTPUT` or `RUN:STEP.OUTPUT`.
  init(_ text: String, in workspace: Workspace) throws(WorkspaceError) {
    if let colon = text.firstIndex(of: ":"), let run = RunNumber(text[..<colon]) {
      self = try Self.output(String(text[text.index(after: colon)...]), of: run, workspace)
    } else {
      let artifact = try workspace.artifact(text)
      self.init(.file(path: artifact.path), artifact.digest, Int64(artifact.size), "", artifact.digest.short)
    }
  }

  private init(_ content: Content, _ digest: Digest?, _ size: Int64, _ mediaType: String, _ name: String) {
    self.content = content
    self.digest = digest
    self.size = size
    self.mediaType = mediaType
    self.name = name
  }

  private init(_ value: Value, name: String) {
    switch value {
    case .file(let file): self.init(.file(path: file.path), file.digest, file.size, file.mediaType, name)
    case .directory(let file): self.init(.directory(path: file.path), file.digest, file.size, "", name)
    default: self.init(.value(value), nil, Int64(value.json().pretty.utf8.count), "application/json", name)
    }
  }

  private static func output(
    _ name: String, of run: RunNumber, _ workspace: Workspace
  ) throws(WorkspaceError) -> Found {
    let report = try workspace.report(on: run)
    if let output = report.outputs.first(where: { $0.name == name }) { return Found(output.value, name: name) }
    let steps = report.detail.steps
    if let dot = name.lastIndex(of: ".") {
      let call = String(name[..<dot])
      let port = String(name[name.index(after: dot)...])
      let path = String(call.prefix { $0 != "[" })
      if let step = steps.firstIndex(where: { $0.step.path == path }) {
        return try node(steps[step].step, step, String(call.dropFirst(path.count)), port, report, workspace)
      }
    }
    let names =
      report.outputs.map(\.name) + steps.flatMap { step in step.step.outputs.map { "\(step.step.path).\($0)" } }
    let near = nearest(name, names).map { "did you mean `\(run):\($0)`?" }
    throw WorkspaceError(
      .notFound, "run \(run) has no output `\(name)`", help: near ?? "there are: \(names.joined(separator: ", "))")
  }

  private static func node(
    _ record: StepRecord, _ step: Int, _ item: String, _ port: String, _ report: RunReport, _ workspace: Workspace
  ) throws(WorkspaceError) -> Found {
    let run = report.detail.summary.run
    guard let index = record.outputs.firstIndex(of: port) else {
      let near = nearest(port, record.outputs).map { "did you mean `\($0)`?" }
      throw WorkspaceError(
        .notFound, "step `\(record.path)` has no output `\(port)`",
        help: near ?? "it has: \(record.outputs.joined(separator: ", "))")
    }
    let nodes = try workspace.attempts(of: run, step: step).map(\.node) + report.reused.map(\.node)
    let calls = nodes.filter { $0.step == step }
    guard let node = calls.first(where: { $0.item == item }) else {
      let items = Set(calls.map(\.item)).sorted()
      throw WorkspaceError(
        .notFound, "run \(run) has no call `\(record.path)\(item)`",
        help: items.isEmpty ? "" : "there are: \(items.prefix(20).map { record.path + $0 }.joined(separator: ", "))")
    }
    let outputs = try workspace.outputs(of: run, node: node.node)
    guard outputs.indices.contains(index), let value = outputs[index] else {
      throw WorkspaceError(.notFound, "`\(record.path)\(item).\(port)` of run \(run) has no value")
    }
    return Found(value, name: port)
  }

  var members: [JSON.Member] {
    var members: [JSON.Member] = []
    if let digest { members.append(.init("digest", .string("sha256:" + digest.hex))) }
    members.append(.init("size", .int(size)))
    if !mediaType.isEmpty { members.append(.init("media_type", .string(mediaType))) }
    switch content {
    case .file(let path): members += [.init("kind", "file"), .init("path", .string(path))]
    case .directory(let path): members += [.init("kind", "directory"), .init("path", .string(path))]
    case .value(let value): members += [.init("kind", "value"), .init("value", value.json())]
    }
    return members
  }
}
