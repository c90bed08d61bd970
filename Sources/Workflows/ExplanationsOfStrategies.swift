extension Explanations {
  private static let plugged = study.replacing("assay 1\n", with: "assay 1\nuse \"./search.py\"\n")

  /// Strategies, what stops trials, and policies: E10….
  static let ofStrategies: [Explanation] = [
    Explanation(
      "E1007", "a strategy or rule that is not known, or an option that it does not have",
      """
      Strategies are `tpe`, `gp`, `random`, `sobol`, `lhs`, `grid`, `nsga2` and `repeat`; rules for stopping trials early are
      `median`, `percentile`, `threshold`, `patience`, `asha` and `hyperband`.
      """,
      wrong: """
        \(study)

        experiment tune {
          study churn(data: file("churn.csv"))
          space {
            fit.trees in int 10..500 log
          }
          metrics {
            auc = score.auc maximize
          }
          stage search { strategy tpee(trials: 5) }
        }
        """,
      right: """
        \(study)

        experiment tune {
          study churn(data: file("churn.csv"))
          space {
            fit.trees in int 10..500 log
          }
          metrics {
            auc = score.auc maximize
          }
          stage search { strategy random(trials: 5) }
        }
        """),
    Explanation(
      "E1011", "a task that is not a strategy",
      """
      A strategy of one's own is a pure task with an input `space` and an output `point`; it may also take `seed`, `trial`,
      `history`, `objectives` and `trials`, and give `memo`, `reason` and `answer`. Everything else it takes are its
      options. In Python `@strategy` declares one; docs/strategies.md has the types and an example. A pruning rule of one's
      own is a pure task with an input `curve` and an output `prune`; in Python `@judge` declares one.
      """,
      wrong: """
        \(study)

        experiment tune {
          study churn(data: file("churn.csv"))
          space {
            fit.trees in int 10..500 log
          }
          metrics {
            auc = score.auc maximize
          }
          stage search { strategy t.split(trials: 5) }
        }
        """,
      right: """
        \(study)

        experiment tune {
          study churn(data: file("churn.csv"))
          space {
            fit.trees in int 10..500 log
          }
          metrics {
            auc = score.auc maximize
          }
          stage search { strategy tpe(trials: 5) }
        }
        """),
    Explanation(
      "E1012", "a space that a strategy does not know",
      """
      What a strategy of a plugin leaves out of the type of its input `space` it does not know: parameters that exist only for
      some choices, choices without an order, logarithmic scales, ranges without steps. Take another strategy, or another
      space; parameters that exist only for some choices can be shown as if they always existed with `flatten: true`.
      """,
      wrong: """
        \(plugged)

        experiment tune {
          study churn(data: file("churn.csv"))
          space {
            prep in [median, knn]
            prep.knn.k in int 1..15
          }
          metrics {
            auc = score.auc maximize
          }
          stage search { strategy search.evolve(trials: 5) }
        }
        """,
      right: """
        \(plugged)

        experiment tune {
          study churn(data: file("churn.csv"))
          space {
            prep in [median, knn]
            prep.knn.k in int 1..15
          }
          metrics {
            auc = score.auc maximize
          }
          stage search { strategy search.evolve(trials: 5, flatten: true) }
        }
        """),
    Explanation(
      "E1013", "trials that show nothing before they end",
      """
      A stage that stops trials early sees the first metric while they run: of `mean(step.output)` the mean of the items of
      the `foreach` so far, of `step.output` what the task reports under the name of the output.
      """,
      wrong: """
        \(study)

        experiment tune {
          study churn(data: file("churn.csv"))
          space {
            fit.trees in int 10..500 log
          }
          metrics {
            error = 1.0 - score.auc minimize
          }
          stage search {
            strategy random(trials: 50)
            prune median
          }
        }
        """,
      right: """
        \(study)

        experiment tune {
          study churn(data: file("churn.csv"))
          space {
            fit.trees in int 10..500 log
          }
          metrics {
            auc = score.auc maximize
          }
          stage search {
            strategy random(trials: 50)
            prune median
          }
        }
        """),
    Explanation(
      "W1005", "a policy that promotes without asking anybody",
      """
      What a policy starts by itself should not be put into use by itself: `approve` in `accept`, or a gate, lets a
      person see it first.
      """,
      wrong: """
        \(policy("promote fit.model as \"churn/model\""))
        """,
      right: """
        \(policy("promote fit.model as \"churn/model\"\n    approve by \"owner\""))
        """),
  ]

  private static func policy(_ acceptance: String) -> String {
    """
    \(study)

    experiment tune {
      study churn(data: file("churn.csv"))
      space {
        fit.trees in int 10..500 log
      }
      metrics {
        auc = score.auc maximize
      }
      stage search { strategy random(trials: 5) }
      accept {
        \(acceptance)
      }
    }

    policy nightly {
      at "02:00"
      start tune
    }
    """
  }
}
