internal import ArgumentParser
internal import Diagnostics
internal import Values
internal import Workflows
internal import Workspace

struct Explain: Command {
  static let configuration = CommandConfiguration(
    abstract: "Explain the code of a message: the rule, a wrong and a right example.",
    discussion: """
      EXAMPLES:
        assay explain E0101
        assay explain           lists all codes
      """)

  @Argument(help: ArgumentHelp("A code such as E0101.", valueName: "code"), completion: Candidates.codes)
  var code: String?

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console) throws(WorkspaceError) -> Int32 {
    guard let code else { return list(console) }
    guard let explanation = Explanations.explanation(for: code), let text = Explanations.text(for: code) else {
      let near = nearest(code.uppercased(), Explanations.all.map(\.code)).map { "did you mean `assay explain \($0)`?" }
      throw WorkspaceError(.notFound, "there is no code `\(code)`", help: near ?? "`assay explain` lists all codes")
    }
    if console.json {
      console.document("assay.explanation/1", Self.members(explanation))
    } else {
      console.page(text)
    }
    return ok
  }

  private func list(_ console: Console) -> Int32 {
    if console.json {
      let items = Explanations.all.map { JSON.object(Self.members($0)) }
      console.document("assay.explanations/1", [.init("explanations", .array(items))])
    } else {
      var table = TextTable([.init(title: "CODE"), .init(title: "ABOUT", isElastic: true)])
      for explanation in Explanations.all { table.add([.init(explanation.code), .init(explanation.title)]) }
      console.show(table, empty: "")
    }
    return ok
  }

  private static func members(_ explanation: Explanation) -> [JSON.Member] {
    [
      .init("code", .string(explanation.code)), .init("title", .string(explanation.title)),
      .init("text", .string(explanation.text)), .init("wrong", .string(explanation.wrong)),
      .init("right", .string(explanation.right)),
    ]
  }
}
