import Diagnostics
import Testing
import Values
import Workflows

/// What a checked experiment says. Its mistakes are in `Tests/Corpus/diagnostics/experiments.assay`.
@Suite struct ExperimentTests {
  private func experiment(_ text: String) throws -> (Experiment, Checked) {
    let checked = check(text)
    #expect(checked.diagnostics.isEmpty, "\(TextRenderer(limit: 100).render(checked.diagnostics))")
    return (try #require(checked.program?.experiments.first), checked)
  }

  private static let text = """
    assay 1
    use std.table as t
    use std.learn as learn

    workflow churn {
      in data: file<csv>
      in folds: int(2..20) = 5

      step raw   = t.read_csv(path: data)
      step prep  = vary(table: raw.table) {
        variant median = t.impute(method: "median")
        variant knn    = t.impute_knn(k: 5)
        default median
      }
      step split = t.split(table: prep.table, test: 0.2)
      step fit   = learn.random_forest(table: split.train, trees: 100)
      step score = learn.score(model: fit.model, table: split.test)

      out auc: float = score.auc
    }

    ## Which imputation, and how many trees?
    experiment tune {
      study churn(data: artifact("raw/churn.csv@v2"))
      intent "maximise AUC, keep latency under 5 ms"
      tags "churn", "forest"
      seed 7
      order strict
      space {
        prep in [median, knn]
        prep.knn.k in int 1..15
        fit.trees in int 50..800 log
        fit.depth in [2, 4, 8, 16]
        split.test in float 0.1..0.4 step 0.1
        where not (prep == knn and fit.trees > 400)
      }
      metrics {
        auc     = score.auc    maximize
        latency = score.p95_ms minimize limit 5.0
        size    = 1000 * auc
      }
      stage screen { strategy sobol(trials: 24) }
      gate review after screen {
        ask "Narrow the space before the expensive stage?"
        show leaderboard(10), importance, pareto(auc, latency)
        allow continue, narrow, stop
        by "data-scientist"
        timeout 48h then stop
      }
      stage refine after review when auc > 0.6 and trials > 10 {
        strategy nsga2(trials: 60, start: best(6, screen))
        again 2 while failures < 3
      }
      stage confirm after refine { strategy repeat(best(3, refine), seeds: [1, 2, 3, 4, 5]) }
      budget { trials 300, wall 8h, parallel 2 }
      knowledge {
        reuse trials from experiments(tag: "churn") when same(workflow, data)
        reuse priors from experiments(tag: "churn") when similar(data) > 0.8
      }
      accept when auc >= 0.82 and latency <= 5.0 {
        promote fit.model as "churn/candidate"
        approve by "risk-officer"
      }
    }
    """

  @Test func theSpaceIsResolved() throws {
    let (experiment, _) = try experiment(Self.text)
    #expect(
      experiment.parameters.map(\.name) == ["prep", "prep.knn.k", "fit.trees", "fit.depth", "split.test"])
    #expect(experiment.parameters[0].target == .point("prep"))
    #expect(experiment.parameters[1].target == .argument(step: "prep", variant: "knn", name: "k"))
    #expect(experiment.parameters[2].target == .argument(step: "fit", variant: nil, name: "trees"))
    #expect(experiment.parameters[1].condition?.parameter == 0)
    #expect(experiment.parameters[1].condition?.choices == [1])
    #expect(experiment.parameters[2].condition == nil)
    guard case .integers(50, 800, step: 1, isLogarithmic: true) = experiment.parameters[2].domain else {
      Issue.record("\(experiment.parameters[2].domain)")
      return
    }
    #expect(experiment.constraints.map(\.text) == ["not (prep == knn and fit.trees > 400)"])
  }

  @Test func metricsBecomeOutputsOfTheStudy() throws {
    let (experiment, checked) = try experiment(Self.text)
    #expect(experiment.metrics.map(\.name) == ["auc", "latency", "size"])
    #expect(experiment.metrics.map(\.isMaximized) == [true, false, false])
    #expect(experiment.metrics.map(\.isWatched) == [false, false, true])
    #expect(experiment.metrics[1].limit == 5)
    #expect(experiment.outputs.map(\.name) == ["metric.auc", "metric.latency", "metric.size", "promote.0"])
    // The workflow itself stays as it is.
    #expect(checked.program?.workflows[experiment.workflow].outputs.map(\.name) == ["auc"])
  }

  @Test func stagesFormAGraph() throws {
    let (experiment, _) = try experiment(Self.text)
    #expect(experiment.stages.map(\.name) == ["screen", "review", "refine", "confirm"])
    #expect(experiment.stages.map(\.after) == [[], [0], [1], [2]])
    guard case .gate(let gate) = experiment.stages[1].kind, case .search(let refine) = experiment.stages[2].kind,
      case .search(let confirm) = experiment.stages[3].kind
    else {
      Issue.record("wrong kinds")
      return
    }
    #expect(gate.answers == ["continue", "narrow", "stop"])
    #expect(gate.timeout == .seconds(48 * 3600))
    #expect(gate.fallback == "stop")
    #expect(gate.shows == ["leaderboard(10)", "importance", "pareto(auc, latency)"])
    #expect(refine.trials == 60)
    #expect(refine.start?.stage == 0)
    #expect(refine.again?.most == 2)
    #expect(confirm.strategy.source?.count == 3)
    #expect(confirm.strategy.option("seeds") == .list([1, 2, 3, 4, 5].map { .int($0) }))
  }

  @Test func theRestIsRead() throws {
    let (experiment, _) = try experiment(Self.text)
    #expect(experiment.intent == "maximise AUC, keep latency under 5 ms")
    #expect(experiment.tags == ["churn", "forest"])
    #expect(experiment.seed == 7)
    #expect(experiment.isStrict)
    #expect(experiment.budget.trials == 300)
    #expect(experiment.budget.wall == .seconds(8 * 3600))
    #expect(experiment.budget.parallel == 2)
    #expect(experiment.reuses.map(\.what) == [.trials, .priors])
    #expect(experiment.reuses.map(\.relation) == [.same(workflow: true, data: true), .similar(0.8)])
    #expect(experiment.acceptance?.promotions.map(\.name) == ["churn/candidate"])
    #expect(experiment.acceptance?.approvers == ["risk-officer"])
  }

  /// The mean of what a `foreach` gives is seen fold by fold.
  @Test func intermediateValuesComeFromAForeach() throws {
    let (experiment, _) = try experiment(
      """
      assay 1
      use std.table as t
      use std.learn as learn
      workflow folds {
        in data: file<csv>
        step raw = t.read_csv(path: data)
        step split = t.kfold(table: raw.table, k: 5)
        step fit = learn.logistic(table: fold.train, c: 1.0) foreach fold in split.folds
        step score = learn.score(model: m, table: fold.test) foreach (m, fold) in zip(fit.model, split.folds)
        out auc: list<float> = score.auc
      }
      experiment tune {
        study folds(data: file("churn.csv"))
        space { fit.c in float 0.01..100 log }
        metrics { auc = mean(score.auc) maximize }
        stage search {
          strategy tpe(trials: 30)
          prune median(after: 5)
        }
      }
      """)
    #expect(experiment.metrics[0].items?.step == "score")
    #expect(experiment.metrics[0].items?.port == 0)
  }
}
