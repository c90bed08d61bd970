internal import ArgumentParser
internal import Events
internal import Experiments
internal import Foundation
internal import Insights
internal import Values
internal import Workspace

struct ExperimentReport: ProjectCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case markdown, html, jsonld
    static let endings: [String: Format] = ["md": .markdown, "html": .html, "htm": .html, "jsonld": .jsonld]
  }

  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write the card of an experiment: what it was for, what it found, how far to trust it.",
    discussion: """
      Markdown by default; HTML is one file with its pictures, light and dark, without scripts; JSON-LD is for other \
      programs (schema.org), and is in the HTML, too. What there is nothing to say about is left out.

      EXAMPLES:
        assay exp report > card.md
        assay exp report churn_q3 -o card.html
        assay exp report churn_q3 --format jsonld | jq .result
      """)

  @OptionGroup var what: ExperimentOptions
  @Option(name: .long, help: "Which form (default: by the name of the output, else markdown).")
  var format: Format?
  @Option(
    name: .shortAndLong, help: ArgumentHelp("Where to (default: standard output).", valueName: "file"),
    completion: .file())
  var output: String?
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(what.experiment)
    let study = try workspace.study(of: record)
    let card = Card(study, try source(of: record, study, workspace))
    let chosen = format ?? output.flatMap { Format.endings[URL(filePath: $0).pathExtension.lowercased()] } ?? .markdown
    if console.json, output == nil {
      console.document(
        "assay.experiment.card/1", [.init("experiment", .int(Int64(record.number))), .init("card", card.jsonLD)])
      return ok
    }
    let text =
      switch chosen {
      case .markdown: card.markdown
      case .html: card.html
      case .jsonld: card.jsonLD.pretty + "\n"
      }
    guard let output else {
      Output.data(text)
      return ok
    }
    try OutputFile.write(text, to: output)
    if console.json {
      console.document(
        "assay.experiment.card/1", [.init("experiment", .int(Int64(record.number))), .init("path", .string(output))])
    } else {
      Output.data(output)
    }
    return ok
  }

  private func source(
    of record: ExperimentRecord, _ study: Study, _ workspace: Workspace
  ) throws(WorkspaceError) -> Card.Source {
    var source = Card.Source()
    source.number = record.number
    source.uid = record.uid
    source.file = record.file
    source.documents = record.documentsDigest
    source.leaks = workspace.leaks(in: study)
    source.started = Times.iso(unixNanoseconds: record.startedAt)
    if study.closing != nil, let last = study.span?.last { source.ended = Times.iso(unixNanoseconds: last) }
    (source.user, source.host, source.engine, source.reason) = (record.user, record.host, record.engine, record.reason)
    source.elapsed = study.elapsed / .seconds(1)
    source.data = workspace.data(of: study)
    for (at, actor, decision) in study.decisions {
      if case .note(let trial, let text) = decision.operation {
        source.remarks.append((actor.name, (trial.map { "trial \($0): " } ?? "") + text))
      } else {
        source.decisions.append(
          (Times.local(unixNanoseconds: at), actor.name, decision.words, decision.operation.isDeviation))
      }
    }
    source.ancestors = try workspace.ancestors(of: record)
    return source
  }
}

/// A file that a command writes because a person asked for it.
enum OutputFile {
  static func write(_ text: String, to path: String) throws(WorkspaceError) {
    do { try text.write(toFile: path, atomically: true, encoding: .utf8) } catch {
      throw WorkspaceError(.usage, "cannot write \(path): \(error.localizedDescription)")
    }
  }
}
