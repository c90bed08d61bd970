internal import Foundation
internal import Processes

/// What `assay init` can make: a folder of that name in `sdk/templates`.
package enum Template: String, CaseIterable, Sendable {
  case c, python, strategy, swift, workflow

  package var summary: String {
    switch self {
    case .c: "a task in C, built by make"
    case .python: "a task in Python, nothing to build"
    case .strategy: "an experiment with a strategy of its own in Python, nothing to build"
    case .swift: "a task in Swift, built by make and SwiftPM"
    case .workflow: "standard tasks only, nothing to build"
    }
  }

  /// The commands that come next, with what they do.
  package var next: [(command: String, purpose: String)] {
    let build = self == .c || self == .swift ? [("make", "build the task")] : []
    let test = build.isEmpty ? "tests/run" : "make test"
    let run =
      self == .strategy
      ? ("assay exp run main.assay", "run the experiment") : ("assay run main.assay", "run the workflow")
    return build + [run, (test, "test it")]
  }
}

/// A project that was made from a template.
package struct NewProject: Sendable {
  package var directory: String
  /// Relative to the directory, sorted.
  package var files: [String]
  /// Files of the template that were there already and were left alone.
  package var kept: [String]

  /// Files that a folder may have before it becomes a project.
  private static let harmless: Set<String> = [".gitignore", "README.md"]

  /// Copies a template. A file that exists is never touched: if it is one that the project needs, nothing is written.
  package init(_ template: Template, at directory: String, from installation: Installation) throws(WorkspaceError) {
    guard let folder = installation.templates.map({ $0 + "/" + template.rawValue }), Layout.exists(folder) else {
      throw WorkspaceError(
        .notFound, "the templates that come with assay are not there",
        help: "they belong in `../share/assay/sdk/templates` beside the program's folder; install assay again")
    }
    self.directory = directory
    let names = Self.names(in: folder, "")
    let taken = names.filter { Layout.exists(directory + "/" + $0) }
    kept = taken.filter(Self.harmless.contains)
    if let first = taken.first(where: { !Self.harmless.contains($0) }) {
      throw WorkspaceError(
        .failed, "\(directory)/\(first) exists already: nothing was written",
        help: "name another folder: `assay init DIR`")
    }
    files = names.filter { !taken.contains($0) }
    let words = ["{{project}}": Files.name(of: directory), "{{swift-kit}}": installation.swiftKit ?? ""]
    for file in files {
      do throws(SystemError) { try Self.copy(folder + "/" + file, to: directory + "/" + file, words) } catch {
        throw WorkspaceError(.failed, "the project cannot be written: \(error)")
      }
    }
  }

  /// All files below, but for what running a template in its place leaves behind.
  private static func names(in folder: String, _ prefix: String) -> [String] {
    Files.list(folder + "/" + prefix).flatMap { name -> [String] in
      guard name == ".gitignore" || !name.hasPrefix("."), name != "__pycache__", !name.hasSuffix(".so") else {
        return []
      }
      guard Files.stamp(folder + "/" + prefix + name)?.isDirectory == true else { return [prefix + name] }
      return names(in: folder, prefix + name + "/")
    }
  }

  private static func copy(_ source: String, to target: String, _ words: [String: String]) throws(SystemError) {
    var text = try Files.text(source)
    for (word, meaning) in words { text = text.replacingOccurrences(of: word, with: meaning) }
    try Files.makeDirectory(Files.directory(of: target))
    try Files.writeAtomically(target, Array(text.utf8))
    if Files.isExecutable(source) { chmod(target, 0o755) }
  }
}
