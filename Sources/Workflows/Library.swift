package import Diagnostics
package import Syntax
package import Tasks
package import Values

/// What documents may use: the seam between the checker, which is pure, and whoever reads files and loads plugins.
///
/// The checker asks for each thing once and keeps the answer for the rest of the check.
package protocol Library {
  /// The tasks of an installed plugin such as `std.table`, by local name: the task id without the plugin's own id.
  func plugin(id: String) -> Result<[String: InstalledTask], LoadProblem>
  /// The tasks of a `.py`, `.so` or `.functions.toml` file, by local name. The path is relative to where the root
  /// document's path is relative to, or absolute.
  func plugin(atPath path: String) -> Result<[String: InstalledTask], LoadProblem>
  /// Another document; the `path` of its file is the given one.
  func document(atPath path: String) -> Result<SyntaxTree, LoadProblem>
  /// The recorded type of a named artifact, such as `raw/churn@v3`; nil where names are not known, so that any is taken on
  /// trust.
  func artifact(_ reference: String) -> Result<ValueType?, LoadProblem>
  /// Phases of the project that a step may be tagged with, besides the usual ones.
  var phases: [String] { get }
}

extension Library {
  package func artifact(_ reference: String) -> Result<ValueType?, LoadProblem> { .success(nil) }
  package var phases: [String] { [] }
}

/// Why something that a document uses cannot be had.
package struct LoadProblem: Error, Sendable {
  package enum Kind: Sendable, Hashable {
    case notFound
    /// It is there, and does not work.
    case broken
    /// It is being made ready; nothing is said about it until it is.
    case pending
  }
  package var kind: Kind
  /// The reason in words that can follow a colon: `undefined symbol cblas_dgemm`.
  package var message: String
  /// What else is known about it, a line each.
  package var notes: [String]
  package var help: String?
  /// What is there instead, for a suggestion: plugin ids or paths as a document would write them.
  package var candidates: [String]
  /// What is wrong inside the file.
  package var diagnostics: [Diagnostic]

  package init(
    _ kind: Kind, _ message: String, notes: [String] = [], help: String? = nil, candidates: [String] = [],
    diagnostics: [Diagnostic] = []
  ) {
    self.kind = kind
    self.message = message
    self.notes = notes
    self.help = help
    self.candidates = candidates
    self.diagnostics = diagnostics
  }
}
