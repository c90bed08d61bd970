import Comparisons
import Testing

/// What experiments say about outputs, read from their documents alone.
@Suite struct MetricDirectionTests {
  private let workflow = """
    assay 1
    workflow flow {
      in x: int = 1
      step fit = tool.fit(x: x)
      out auc: float = fit.auc
      out error: float = fit.loss
      out report: file = fit.report
    }
    """
  private let experiment = """
    experiment tune {
      study flow(x: 2)
      metrics {
        auc = auc maximize
        loss = fit.loss minimize limit 0.5
        size = fit.size minimize
        seen = fit.auc
      }
    }
    """

  @Test func metricsAreOutputsByNameOrByWhatTheyAreMadeOf() {
    let found = MetricDirection.read([("a.assay", workflow + "\n" + experiment)], experiment: "tune")
    #expect(
      found == [
        MetricDirection(workflow: "flow", output: "auc", isMaximized: true),
        MetricDirection(workflow: "flow", output: "error", isMaximized: false),
      ])
    #expect(MetricDirection.read([("a.assay", workflow)], experiment: "tune").isEmpty)
  }

  @Test func theWorkflowMayStandInAnotherDocument() {
    let documents = [("e.assay", "assay 1\nuse \"a.assay\"\n" + experiment), ("a.assay", workflow)]
    #expect(MetricDirection.read(documents, experiment: "tune").map(\.output) == ["auc", "error"])
  }

  @Test func settingsComeFirst() {
    var directions = MetricDirections()
    directions.add(MetricDirection.read([("a.assay", workflow + "\n" + experiment)], experiment: "tune"))
    #expect(directions.rule("flow", "auc")?.isMaximized == true && directions.rule("flow", "auc")?.tolerance == 0)
    #expect(directions.rule("other", "auc") == nil)
    directions.set("auc", isMaximized: false, tolerance: 0.1)
    #expect(directions.rule("flow", "auc")?.isMaximized == false && directions.rule("other", "auc")?.tolerance == 0.1)
  }
}
