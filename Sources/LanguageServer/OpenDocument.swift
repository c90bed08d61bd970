internal import Diagnostics
internal import Editing
internal import Foundation
internal import Syntax
internal import Workflows

/// A document that the client has open.
final class OpenDocument {
  let uri: String
  /// Where it is or, for one without a file, would be.
  let path: String
  let project: Project
  var version: Int64
  private(set) var buffer: TextBuffer
  /// Of some text of it; of the current one unless `isStale`.
  private(set) var analysis: Analysis?
  var isStale = true
  /// Its diagnostics have to be told.
  var isUntold = true

  init(uri: String, path: String, project: Project, version: Int64, text: String) {
    self.uri = uri
    self.path = path
    self.project = project
    self.version = version
    buffer = TextBuffer(text)
  }

  func set(_ text: String) {
    buffer = TextBuffer(text)
    touch()
  }

  func replace(_ range: TextRange, with text: String, _ encoding: PositionEncoding) {
    buffer.replace(range, with: text, encoding)
    touch()
  }

  func touch() {
    isStale = true
    isUntold = true
  }

  func accept(_ analysis: Analysis) {
    self.analysis = analysis
    isStale = false
  }

  /// Documents that it was checked with.
  func uses(_ path: String) -> Bool { analysis?.checked.trees.contains { $0.file.path == path } ?? true }
}
