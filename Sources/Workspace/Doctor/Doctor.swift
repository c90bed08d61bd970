internal import Diagnostics
internal import Dispatch
internal import Environments
internal import Foundation
internal import Processes
internal import Synchronization

/// Looks at everything that a project needs here.
///
/// Nothing is left behind: files that are written to see whether that works are removed. The groups of checks run at the same time; programs that
/// are asked get five seconds.
struct Doctor: Sendable {
  let workspace: Workspace
  var layout: Layout { workspace.layout }

  /// In the order in which they are to be shown.
  func examine() -> [Finding] {
    let groups: [@Sendable () -> [Finding]] = [
      settings, storeFindings, engine, { Doctor.python(workspace) }, plugins, compiler, swift, { [make, git, ffi] },
      machine,
    ]
    let results = Mutex<[[Finding]]>(Array(repeating: [], count: groups.count))
    DispatchQueue.concurrentPerform(iterations: groups.count) { index in
      let findings = groups[index]()
      results.withLock { $0[index] = findings }
    }
    return results.withLock { $0.flatMap(\.self) }
  }

  /// A program in `PATH`.
  @Sendable func locate(_ program: String) -> String? { workspace.environments.finder.locate(program) }

  func install(_ need: PackageManager.Need) -> String {
    PackageManager.install(need, locate: locate, isRoot: geteuid() == 0)
  }

  /// What a program prints, first line; nil when it fails or takes longer than five seconds.
  static func ask(_ arguments: [String]) -> String? {
    var lines: [String] = []
    let result = try? Command(arguments, limit: .seconds(5)).run { lines.append($0) }
    return result?.succeeded == true ? lines.first ?? "" : nil
  }

  @Sendable private func settings() -> [Finding] {
    if let first = layout.problems.first {
      let file = first.primary.file
      let place = file.position(at: first.primary.span.start)
      let more = layout.problems.count > 1 ? " (and \(layout.problems.count - 1) more)" : ""
      let fix =
        file.path == "environment" ? "correct or unset the variable" : "correct line \(place.line) of \(file.path)"
      return [
        Finding(
          "settings", .problem, "\(file.path):\(place.line):\(place.column): \(first.message)\(more)",
          fix: fix)
      ]
    }
    let files = [layout.projectFile, layout.user.file].filter(Layout.exists).map(Layout.shown)
    return [Finding("settings", .ok, files.isEmpty ? "all defaults" : files.joined(separator: ", "))]
  }
}

extension Workspace {
  /// What is missing or wrong here, and how to mend it. Takes under two seconds where programs answer.
  package func examine() -> [Finding] { Doctor(workspace: self).examine() }
}
