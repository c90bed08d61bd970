extension Explanations {
  /// A study with an experiment, of which two parts differ.
  private static func document(space: String, more: String = "", metrics: String = "auc = score.auc maximize") -> String
  {
    """
    assay 1
    use std.table as t
    use std.learn as learn

    workflow churn {
      in data: file<csv>

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

    experiment tune {
      study churn(data: file("churn.csv"))
      space {
    \(indented(space))
      }
      metrics {
    \(indented(metrics))
      }
      stage search { strategy random(trials: 5) }\(more.isEmpty ? "" : "\n  " + more)
    }
    """
  }

  private static func indented(_ text: String) -> String {
    text.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
  }

  /// What is found by looking into the space of an experiment, and into what its metrics depend on.
  static let ofSpaces: [Explanation] = [
    Explanation(
      "E1009", "constraints that leave nothing to try",
      """
      Every configuration of the space violates some `where`. This is proven, not guessed: parts of the space are ruled out as
      a whole where a constraint cannot hold in them.
      """,
      wrong: document(space: "fit.trees in int 10..500 log\nwhere fit.trees > 200\nwhere fit.trees < 100"),
      right: document(space: "fit.trees in int 10..500 log\nwhere fit.trees > 100\nwhere fit.trees < 200")),
    Explanation(
      "E1010", "a condition that no result can satisfy",
      """
      The winner of an experiment keeps to the limits of its metrics and satisfies `accept when`. No numbers do both.
      """,
      wrong: document(
        space: "fit.trees in int 10..500 log",
        more: "accept when latency > 5.0 { promote fit.model as \"churn/model\" }",
        metrics: "auc = score.auc maximize\nlatency = score.p95_ms minimize limit 5.0"),
      right: document(
        space: "fit.trees in int 10..500 log",
        more: "accept when latency < 5.0 { promote fit.model as \"churn/model\" }",
        metrics: "auc = score.auc maximize\nlatency = score.p95_ms minimize limit 5.0")),
    Explanation(
      "W1002", "a choice that no allowed configuration has",
      """
      The constraints rule it out wherever the other parameters are, so it is never tried.
      """,
      wrong: document(
        space: "prep in [median, knn]\nfit.trees in int 10..500 log\nwhere prep == median or fit.trees > 500"),
      right: document(
        space: "prep in [median, knn]\nfit.trees in int 10..500 log\nwhere prep == median or fit.trees > 100")),
    Explanation(
      "W1003", "a metric or parameter without effect",
      """
      A metric that depends on nothing that varies is the same in all trials; a parameter on which no metric depends
      only costs trials.
      """,
      wrong: document(space: "fit.trees in int 10..500 log", metrics: "rows = 569.0 maximize"),
      right: document(space: "fit.trees in int 10..500 log")),
    Explanation(
      "W1004", "a space in which nothing allowed was found",
      """
      It could not be proven that the constraints leave nothing, but no configuration was found that they allow either.
      Strategies will hardly meet one.
      """,
      wrong: document(
        space: "fit.trees in int 10..5000\nsplit.test in float 0.1..0.9\nwhere fit.trees * split.test == 100.123456789"),
      right: document(
        space: "fit.trees in int 10..5000\nsplit.test in float 0.1..0.9\nwhere fit.trees * split.test > 100.0")),
  ]
}
