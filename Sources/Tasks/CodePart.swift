/// One piece of the code that a task runs: what "the code has changed" can be said about.
///
/// All parts together are what the code identity (`InstalledTask.code`) was computed from.
package struct CodePart: Sendable, Hashable {
  package enum Kind: String, Sendable, CaseIterable {
    /// The plugin's own file.
    case plugin
    /// A shared object that loading it brought in, with the digest of its loaded sections.
    case library
    /// A library of the C or C++ runtime, with its build id.
    case runtime
    /// A Python module beside the plugin's file.
    case module
    /// A file of the Python kit.
    case kit
    /// The Python interpreter, with its version.
    case interpreter
    /// A package of the Python environment, with its version.
    case package

    /// What a sentence calls it.
    package var word: String { self == .kit ? "kit file" : rawValue }
  }

  package var kind: Kind
  package var name: String
  /// Digest, build id or version: equal for equal code.
  package var identity: String

  package init(_ kind: Kind, _ name: String, _ identity: String) {
    self.kind = kind
    self.name = name
    self.identity = identity
  }
}
