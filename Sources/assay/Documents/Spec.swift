internal import ArgumentParser
internal import Diagnostics
internal import Foundation
internal import Imports
internal import Syntax
internal import Values
internal import Workspace

struct Spec: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn documents into JSON, and JSON into documents.",
    discussion: """
      EXAMPLES:
        assay spec json churn.assay > churn.json
        assay spec text churn.json > churn.assay
        assay spec schema > assay.document.schema.json
      """,
    subcommands: [SpecJSON.self, SpecText.self, SpecSchema.self])
}

struct SpecJSON: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "json", abstract: "Print a document in its JSON form, without layout and comments.",
    discussion: """
      EXAMPLES:
        assay spec json churn.assay | jq '.workflows[].name'
      """)

  @Argument(help: ArgumentHelp("The document.", valueName: "file"), completion: Candidates.documents)
  var file: String

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let tree = try workspace.parse(file)
    guard !tree.diagnostics.contains(where: { $0.severity == .error }) else {
      throw WorkspaceError(.document, "\(file) has errors", diagnostics: tree.diagnostics)
    }
    do throws(ImportProblem) { Output.data(try DocumentJSON.encode(tree).pretty) } catch {
      throw WorkspaceError(.document, "\(file): \(error)")
    }
    return ok
  }
}

struct SpecText: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "text", abstract: "Print the text of a document that is given as JSON.",
    discussion: """
      EXAMPLES:
        assay spec text churn.json > churn.assay
      """)

  @Argument(help: ArgumentHelp("The JSON file.", valueName: "file"), completion: .file(extensions: ["json"]))
  var file: String

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw WorkspaceError(.notFound, "cannot read \(file)")
    }
    let text: String
    do throws(ImportProblem) { text = try DocumentJSON.decode([UInt8](data)) } catch {
      throw WorkspaceError(.document, "\(file): \(error)")
    }
    if console.json {
      console.document("assay.text/1", [.init("text", .string(text))])
    } else {
      Output.data(text)
    }
    return ok
  }
}

struct SpecSchema: Command {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON Schema of documents in their JSON form.",
    discussion: """
      For editors, validators and generators. What the schema accepts has the form of a document; whether it makes sense \
      is for `assay check` to say.

      EXAMPLES:
        assay spec schema > assay.document.schema.json
      """)

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console) throws(WorkspaceError) -> Int32 {
    Output.data(DocumentJSON.jsonSchema)
    return ok
  }
}
