package import Events
internal import Execution
package import Experiments
internal import Foundation
internal import Settings
internal import Strategies
internal import Values
internal import Workflows

extension Workspace {
  /// Asks for every proposal and judgement of a record again. No trial is run; plugins are really asked, as they were: what is on record
  /// is not taken for an answer.
  ///
  /// - Parameter until: of so many entries alone.
  package func replay(_ record: ExperimentRecord, until: Int? = nil) throws(WorkspaceError) -> StudyReplay {
    let recorded = try recorded(record)
    let entries = try entries(of: record.number, in: experimentLedger())
    var request = RunRequest(file: record.file, layout.settings)
    request.reuses = false
    let asker = StrategyAsker(
      workspace: self, program: recorded.program, request: request, experiment: recorded.experiment,
      number: record.number)
    return try StudyReplay(
      Array(entries.prefix(max(0, until ?? .max))), of: recorded.study,
      StudyReplay.Asker<WorkspaceError>(
        propose: { (asking) throws(WorkspaceError) in
          try self.again(asking.call, try asker.prepare(asking), asking.answer) { done throws(WorkspaceError) in
            try asker.open(asking, answered: done)
          }
        },
        judge: { (judging) throws(WorkspaceError) in
          try self.again(judging.call, try asker.prepare(judging), judging.verdict) { done throws(WorkspaceError) in
            try asker.open(judging, answered: done)
          }
        }))
  }

  private func again<A>(
    _ call: Experiment.Call, _ prepared: Prepared,
    _ reading: ([(name: String, value: Value)]) throws(AnswerError) -> A,
    _ open: (@escaping @Sendable () -> Void) throws(WorkspaceError) -> OpenQuestion
  ) throws(WorkspaceError) -> StudyReplay.Said<A> {
    var known = prepared
    known.request.reuses = true
    guard case .reused? = try preview(known).nodes.first?.fate else {
      return .nothing("`\(call.name)` is not the code that was asked then, or its answers are not on record")
    }
    do throws(WorkspaceError) { _ = try writableStore(prepared.request.durability) } catch {
      guard error.exit == .store else { throw error }
      return .nothing("questions to plugins are runs, and \(error.message)")
    }
    let isAnswered = DispatchSemaphore(value: 0)
    let question = try open { isAnswered.signal() }
    isAnswered.wait()
    do throws(WorkspaceError) { return .answer(try question.answer(reading)) } catch {
      guard error.exit != .store else { throw error }
      return .nothing(error.message)
    }
  }
}
