import Events
import Execution
import Experiments
import Synchronization
import Testing
import Workspace

private let document = """
  assay 1
  use std.text as text

  workflow words {
    in text: string = "a"
    step count = text.count(text: text)
    out words: int = count.words
  }

  experiment few {
    study words()
    space { text in ["a", "b b", "c c c", "d d d d", "e", "f f"] }
    metrics { words = words minimize }
    stage all { strategy grid(trials: 6) }
  }
  """

/// Somebody decides between the moment in which the engine knows what is next and the one in which it says so: what it was about to
/// begin is not begun.
@Test func nothingBeginsThatIsNotOnRecord() throws {
  let project = try Project(["few.assay": document])
  let workspace = project.open()
  defer { workspace.close() }
  var request = StudyRequest(run: RunRequest(file: project.path + "/few.assay"))
  request.parallel = 2
  let session = try workspace.begin(request)
  let record = try workspace.experiment("1")
  let notes = Mutex(0)
  _ = try session.run { event in
    // An answer to each decision: it is on record before the engine has gone on from the one before.
    switch event {
    case .decided, .proposed:
      guard
        notes.withLock({ notes in
          notes += 1
          return notes < 24
        })
      else { return }
      _ = try? workspace.decide(about: record, reason: "") { _ in Ruling([.note(trial: nil, "meanwhile")]) }
    default: break
    }
  }
  #expect(session.study.trials.map(\.number) == [1, 2, 3, 4, 5, 6])
  #expect(session.study.decisions.count == 23)
  #expect(try workspace.runs(limit: 100).count == 6)
}
