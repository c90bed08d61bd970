internal import ArgumentParser
internal import Workspace

struct KnowledgeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "knowledge", abstract: "Look at what experiments taught, judge it, exchange it.",
    discussion: """
      An experiment is named by its number, by its name (the newest of it), or as i3 when it was imported. What a new \
      experiment takes over is declared in its document: `knowledge { reuse all from experiments(tag: "churn") }`.

      EXAMPLES:
        assay knowledge search churn
        assay knowledge similar churn.assay
        assay knowledge show churn_q3
        assay knowledge forget 17 --reason "its data leaked"
        assay knowledge export --output churn.knowledge
      """,
    subcommands: [
      KnowledgeSearch.self, KnowledgeSimilar.self, KnowledgeShow.self, KnowledgeRelate.self, KnowledgeNote.self,
      KnowledgeForget.self, KnowledgeExport.self, KnowledgeImport.self,
    ])
}
