extension Explanations {
  private static let study = """
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
    """

  private static let plugged = study.replacing("assay 1\n", with: "assay 1\nuse \"./search.py\"\n")

  /// Experiments: E10….
  static let ofExperiments: [Explanation] = [
    Explanation(
      "E1001", "a line that does not belong there",
      """
      An experiment has a `study`, an `intent`, a `space`, `metrics`, `stage`s and `gate`s, a `budget`, `knowledge`,
      a `holdout` and `accept`; each block has its own words. A policy has `every`, `at` and `version`, `monitor` and `champion`,
      `start` and `run`, `rest` and `timeout`.
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
          stage search { strategy random(trials: 5) }
          budgets { trials 5 }
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
          budget { trials 5 }
        }
        """),
    Explanation(
      "E1002", "something that an experiment cannot do without",
      """
      It studies a workflow, has a space, metrics of which one is maximised or minimised, and stages with strategies.
      """,
      wrong: """
        \(study)

        experiment tune {
          study churn(data: file("churn.csv"))
          space {
            fit.trees in int 10..500 log
          }
          metrics {
            auc = score.auc
          }
          stage search { strategy random(trials: 5) }
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
      "E1003", "a parameter that the study does not have",
      """
      A parameter is an input of the study, a variability point (`prep`), a parameter of a step (`fit.trees`) or of a
      variant (`prep.knn.k`).
      """,
      wrong: """
        \(study)

        experiment tune {
          study churn(data: file("churn.csv"))
          space {
            fit.tree in int 10..500
          }
          metrics {
            auc = score.auc maximize
          }
          stage search { strategy random(trials: 5) }
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
      "E1004", "values that a parameter cannot have",
      """
      Choices of a variability point are its variants; numbers lie in the range that the task declares.
      """,
      wrong: """
        \(study)

        experiment tune {
          study churn(data: file("churn.csv"))
          space {
            fit.trees in int 10..50000
          }
          metrics {
            auc = score.auc maximize
          }
          stage search { strategy random(trials: 5) }
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
      "E1005", "a parameter that is never used",
      """
      The parameter of a variant matters only where the variant can be chosen.
      """,
      wrong: """
        \(study)

        experiment tune {
          study churn(data: file("churn.csv"))
          space {
            prep in [median]
            prep.knn.k in int 1..15
          }
          metrics {
            auc = score.auc maximize
          }
          stage search { strategy random(trials: 5) }
        }
        """,
      right: """
        \(study)

        experiment tune {
          study churn(data: file("churn.csv"))
          space {
            prep in [median, knn]
            prep.knn.k in int 1..15
          }
          metrics {
            auc = score.auc maximize
          }
          stage search { strategy random(trials: 5) }
        }
        """),
    Explanation(
      "E1006", "stages that do not go together",
      """
      `after` names stages of the same experiment, and no stage waits for itself.
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
          stage refine after screen { strategy tpe(trials: 5) }
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
          stage screen { strategy sobol(trials: 5) }
          stage refine after screen { strategy tpe(trials: 5) }
        }
        """),
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
      "E1008", "a word with the wrong value",
      """
      Budgets take numbers and durations, gates take texts and words.
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
          stage search { strategy random(trials: 5) }
          budget { wall 8 }
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
          budget { wall 8h }
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
      "W1001", "a budget that is smaller than what the stages ask for",
      """
      The last stages get fewer trials than they ask for, or none.
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
          stage search { strategy random(trials: 5) }
          budget { trials 3 }
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
          budget { trials 5 }
        }
        """),
    Explanation(
      "E1014", "held-out data that trials see",
      """
      `holdout` names data for inputs of the study on which the winner is measured once, when everything was chosen. What
      the search has read cannot be that: numbers on it are as good as those of the trials. The same name is found when the
      document is checked, the same content under another name when the experiment begins.
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
          stage search { strategy random(trials: 5) }
          holdout { data = file("churn.csv") }
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
          holdout { data = file("sealed.csv") }
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
    Explanation(
      "W1006", "rows that are held out and not held out",
      """
      Rows of a table that is held out are also in a table that trials read: compared line by line, when an experiment is
      planned or begins. What is measured on such rows is known already.
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
          stage search { strategy random(trials: 5) }
          holdout { data = file("half-of-churn.csv") }
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
          holdout { data = file("sealed.csv") }
        }
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
