extension Explanations {
  static let study = """
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
}
