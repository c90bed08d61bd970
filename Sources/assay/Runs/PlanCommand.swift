internal import ArgumentParser
internal import Plans
internal import Settings
internal import Values
internal import Workspace

struct PlanCommand: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show what a run would do, and why.",
    discussion: """
      Nothing is run. Each call would run, be reused from an earlier run, or be skipped. How many calls a foreach makes \
      may depend on results that do not exist yet: then the step is shown once.

      EXAMPLES:
        assay plan churn.assay --set data=q3.csv
        assay plan churn.assay --set model=forest --until score
      """)

  @OptionGroup(title: "What") var what: RequestOptions
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let prepared = try workspace.prepare(what.request(workspace.layout.settings))
    console.show(prepared.warnings)
    let preview = PreviewText(try workspace.preview(prepared), prepared.plan)
    if console.json {
      console.document("assay.plan/1", parts: preview.parts)
    } else {
      console.show(preview.table(console.glyphs), empty: "the workflow has no steps")
      console.talk(preview.sums)
    }
    return ok
  }
}
