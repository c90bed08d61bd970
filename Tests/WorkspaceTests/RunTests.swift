import Events
import Execution
import Foundation
import Synchronization
import Testing
import Traces
import Values
import Workspace

/// A project of its own in a temporary directory, with its own store and caches.
final class Project: Sendable {
  let path: String

  init(_ documents: [String: String]) throws {
    path = NSTemporaryDirectory() + "assay-workspace-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, text) in documents { try write(name, text) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws {
    try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
  }

  /// A new engine on this project.
  func open() -> Workspace {
    var environment = ProcessInfo.processInfo.environment
    environment["ASSAY_CACHE"] = path + "/cache"
    return Workspace(layout: Layout(project: path, environment: environment))
  }

  func run(
    _ workspace: Workspace, _ name: String, _ change: (inout RunRequest) -> Void = { _ in }
  ) throws -> (
    number: Int64, result: RunResult
  ) {
    var request = RunRequest(file: path + "/" + name)
    change(&request)
    let session = try workspace.start(try workspace.prepare(request)) { _ in }
    return (session.number, session.run())
  }
}

private let greetings = """
  assay 1
  use std.text as text

  workflow greetings {
    in names: list<string> = ["Ada", "Grace", "Barbara"]
    step hello = text.greet(name: name) foreach name in names
    step all   = text.join(texts: hello.text, separator: ", ")
    step count = text.count(text: all.text)
    out text:  string = all.text
    out words: int    = count.words
  }
  """

@Test func aRealPluginRunsInARealWorkerAndIsReusedTheNextTime() throws {
  let project = try Project(["greetings.assay": greetings])
  let workspace = project.open()
  defer { workspace.close() }
  let first = try project.run(workspace, "greetings.assay")
  #expect(first.result.status == .succeeded, "\(first.result.message)")
  #expect(first.result.outputs.first?.value == .string("Hello, Ada!, Hello, Grace!, Hello, Barbara!"))
  let second = try project.run(workspace, "greetings.assay")
  #expect(second.result.outputs.map(\.value) == first.result.outputs.map(\.value))
  let report = try workspace.report(on: second.number)
  #expect(report.reused.count == 5)
  #expect(report.detail.summary.status == .succeeded)
}
