internal import ArgumentParser
internal import Diagnostics
internal import Events
internal import Experiments
internal import Knowledge
internal import Values
internal import Workspace

struct KnowledgeSimilar: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "similar", abstract: "Say which experiments are related to one, how closely, and why.",
    discussion: """
      The one is an experiment of a document, before it is run, or one that was run. Tables of data are compared by their \
      columns and by what their numbers are like. The relation is a proposal: `assay knowledge relate` or the document \
      (`reuse all from experiments("…") as related`, `reuse none from …`) confirms, changes or excludes.

      EXAMPLES:
        assay knowledge similar churn.assay
        assay knowledge similar churn.assay churn_q3
        assay knowledge similar 12
      """)

  @Argument(
    help: ArgumentHelp("A document, or the number or name of an experiment.", valueName: "what"),
    completion: Candidates.documents)
  var what: String

  @Argument(help: ArgumentHelp("The experiment, where the document has several.", valueName: "experiment"))
  var experiment: String?

  @OptionGroup var list: ListOptions
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let (description, all) = try workspace.described(what, experiment)
    let relatives = all.prefix(list.limit)
    if console.json {
      console.document(
        "assay.knowledge.similar/1",
        [.init("experiments", .array(relatives.map { .object(members($0, description)) }))])
      return ok
    }
    var table = TextTable([
      .init(title: "EXPERIMENT", isNumber: true), .init(title: "NAME", isElastic: true), .init(title: "RELATION"),
      .init(title: "DATA", isNumber: true), .init(title: "WHY", isElastic: true),
      .init(title: "FARTHEST APART", rank: 1, isElastic: true),
    ])
    for one in relatives {
      table.add([
        .init(one.known.label), .init(one.known.record.name), .init(one.relation.words),
        .init(one.kinship.similarity.map(KnowledgeText.percent) ?? "?"),
        .init((declared(one) + one.kinship.reasons).joined(separator: ", ")),
        .init(
          distances(one, description).prefix(3).map {
            "\($0.feature) \(ExperimentText.number($0.here)), there \(ExperimentText.number($0.there))"
          }.joined(separator: "; ")),
      ])
    }
    console.show(table, empty: "there is no other experiment yet")
    return ok
  }

  private func declared(_ one: Relative) -> [String] {
    guard let (_, by) = one.declared else { return [] }
    return ["declared by \(by) (found: \(one.kinship.relation.words))"]
  }

  private func distances(
    _ one: Relative, _ description: Description
  ) -> [(feature: String, here: Double, there: Double, distance: Double)] {
    guard let here = description.data.first(where: \.isTable),
      let there = one.known.study.description.data.first(where: \.isTable)
    else { return [] }
    return here.distances(to: there).filter { $0.distance > 0 }
  }

  private func members(_ one: Relative, _ description: Description) -> [JSON.Member] {
    [
      .init("experiment", .string(one.known.label)), .init("name", .string(one.known.record.name)),
      .init("uid", .string(one.known.record.uid)), .init("relation", .string(one.relation.name)),
      .init("found", .string(one.kinship.relation.name)),
      .init("declared_by", one.declared.map { .string($0.by) } ?? .null),
      .init("similarity", one.kinship.similarity.map { .float($0) } ?? .null),
      .init("same_workflow", .bool(one.kinship.isSameWorkflow)), .init("same_data", .bool(one.kinship.isSameData)),
      .init("why", .array(one.kinship.reasons.map { .string($0) })),
      .init(
        "distances",
        .array(
          distances(one, description).map {
            .object([
              .init("feature", .string($0.feature)), .init("here", .float($0.here)), .init("there", .float($0.there)),
              .init("distance", .float($0.distance)),
            ])
          })),
    ]
  }
}
