internal import Diagnostics
internal import Values
internal import Workspace

/// What a command did to documents, or would do.
struct RewriteReport {
  struct Change: Equatable {
    var file: String
    var old: String
    var new: String
    var notes: [String]
  }

  /// `formatted`, `would be fixed`.
  var verb: String
  var changes: [Change] = []
  /// What is left to say.
  var diagnostics: [Diagnostic] = []
  private var files: Set<String> = []

  init(verb: String) { self.verb = verb }

  var hasChanges: Bool { !changes.isEmpty }

  mutating func add(
    _ file: String, old: String, new: String, notes: [String] = [], writes: Bool
  ) throws(WorkspaceError) {
    files.insert(file)
    guard old != new else { return }
    if writes { try Rewriting.replace(file, with: new) }
    changes.append(Change(file: file, old: old, new: new, notes: notes))
  }

  func show(_ console: Console, diff: Bool) {
    if console.json {
      let items = changes.map { change in
        JSON.object([
          .init("file", .string(change.file)), .init("notes", .array(change.notes.map { .string($0) })),
          .init("diff", .string(LineDiff.unified(change.old, change.new, path: change.file))),
        ])
      }
      console.document("assay.rewrite/1", [.init("changes", .array(items))] + JSON.diagnostics(diagnostics))
      return
    }
    console.show(diagnostics)
    for change in changes {
      if diff { Output.data(LineDiff.unified(change.old, change.new, path: change.file, paint: console.paint)) }
      for note in change.notes { console.talk("\(change.file): \(note)") }
    }
    let changed = Set(changes.map(\.file)).sorted()
    for file in changed { console.talk("\(file) \(verb)") }
    if changed.isEmpty, diagnostics.isEmpty { console.talk("nothing to do") }
  }
}
