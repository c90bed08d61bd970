import Events
import Execution
import Foundation
import Testing
import Values
import Workspace

/// The main example, as the README shows it: C, Swift and Python on real data, with every learner.
@Test func theMainExampleRunsWithEveryLearnerAndReusesWhatItKnows() throws {
  let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  let project = try Project([:])
  var environment = ProcessInfo.processInfo.environment
  environment["ASSAY_STORE"] = project.path + "/store"
  // The Python environment takes a while to install: shared by all runs of the tests.
  environment["ASSAY_CACHE"] = NSHomeDirectory() + "/.cache/assay-tests/engine"
  let workspace = Workspace(layout: Layout(project: project.path, environment: environment))
  defer { workspace.close() }

  func run(_ learner: String) throws -> (RunResult, reused: Int) {
    var request = RunRequest(file: root + "/Examples/breast-cancer/breast-cancer.assay")
    request.assignments = ["learn=\(learner)"]
    let session = try workspace.start(try workspace.prepare(request)) { _ in }
    let result = session.run()
    return (result, try workspace.report(on: session.number).reused.count)
  }

  for (index, learner) in ["logistic", "boosting", "newton"].enumerated() {
    let (result, reused) = try run(learner)
    #expect(result.status == .succeeded, "\(learner): \(result.message)")
    let auc = try #require(result.outputs.first { $0.name == "auc" }?.value.asDouble)
    #expect(auc > 0.97 && auc <= 1, "\(learner): AUC \(auc)")
    guard case .file(let report)? = result.outputs.first(where: { $0.name == "report" })?.value else {
      Issue.record("no report")
      continue
    }
    let page = try String(contentsOfFile: report.path, encoding: .utf8)
    #expect(page.contains("<svg") && page.contains("\(auc)".prefix(5)))
    // Everything before the learner is known after the first run.
    #expect(index == 0 || reused >= 8, "\(learner): \(reused) reused")
  }
  #expect(try run("logistic").reused == 15)
}
