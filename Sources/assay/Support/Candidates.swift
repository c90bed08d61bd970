internal import ArgumentParser
internal import Artifacts
internal import Events
internal import Foundation
internal import Plugins
internal import Syntax
internal import Tasks
internal import Traces
internal import Workflows
internal import Workspace

/// What a shell offers for an argument: looked up in the project when the key is pressed. Nothing is ever an error here.
enum Candidates {
  static let documents = CompletionKind.file(extensions: ["assay", "json"])

  static var runs: CompletionKind {
    dynamic { workspace, _ in (try? workspace.runs(limit: 50))?.map { String($0.run) } ?? [] }
  }

  /// The steps of the run whose number is on the line, else of the newest.
  static var stepsOfRun: CompletionKind {
    dynamic { workspace, line in
      let number = line.words.prefix(line.index).compactMap { Int64($0) }.last
      guard let run = try? workspace.summary(of: number).run, let report = try? workspace.report(on: run) else {
        return []
      }
      return report.detail.steps.map(\.step.path)
    }
  }

  static var workflows: CompletionKind { document { tree in tree.workflows.map(\.name.text) } }

  static var steps: CompletionKind { document { tree in tree.workflows.flatMap { $0.steps.map(\.name.text) } } }

  /// `data=`, `model=forest`.
  static var assignments: CompletionKind {
    document { tree in
      tree.workflows.flatMap { workflow in
        workflow.inputs.map { $0.name.text + "=" }
          + workflow.steps.flatMap { step -> [String] in
            guard case .vary(let point) = step.body else { return [] }
            return point.variants.map { "\(step.name.text)=\($0.name.text)" }
          }
      }
    }
  }

  static var tasks: CompletionKind {
    dynamic { workspace, _ in
      let plugins = (try? workspace.plugins()) ?? []
      return plugins.flatMap { (try? $0.plugin.get())?.tasks.map(\.signature.id) ?? [] }
    }
  }

  static var plugins: CompletionKind {
    dynamic { workspace, line in
      let files = (try? FileManager.default.contentsOfDirectory(atPath: ".")) ?? []
      let ids = ((try? workspace.plugins()) ?? []).map(\.id)
      return ids + files.filter { $0.hasSuffix(".so") || $0.hasSuffix(".py") }.map { "./" + $0 }
    }
  }

  /// `churn/model`, and outputs of the newest runs: `3:report`.
  static var artifacts: CompletionKind {
    dynamic { workspace, _ in
      let names = (try? workspace.names())?.entries.keys.sorted() ?? []
      let runs = (try? workspace.runs(limit: 5)) ?? []
      return names
        + runs.flatMap { run in
          ((try? workspace.report(on: run.run))?.outputs ?? []).map { "\(run.run):\($0.name)" }
        }
    }
  }

  static var codes: CompletionKind { dynamic { _, _ in Explanations.all.map(\.code) } }

  /// The words before the key was pressed, and which of them is to be completed.
  private struct Line {
    var words: [String]
    var index: Int
  }

  private static func dynamic(_ find: @escaping @Sendable (Workspace, Line) -> [String]) -> CompletionKind {
    .custom { words, index, _ in
      let line = Line(words: words, index: index)
      let project = words.indices.first { ["-C", "--directory"].contains(words[$0]) && $0 + 1 < words.count }
      let workspace = Workspace(layout: Layout(project: project.map { words[$0 + 1] }))
      defer { workspace.close() }
      return find(workspace, line)
    }
  }

  /// Of the document that is named on the line.
  private static func document(_ find: @escaping @Sendable (SyntaxTree) -> [String]) -> CompletionKind {
    dynamic { workspace, line in
      let names = line.words.filter { $0.hasSuffix(".assay") || $0.hasSuffix(".json") }
      return names.lazy.compactMap { try? workspace.parse($0) }.first.map(find) ?? []
    }
  }
}
