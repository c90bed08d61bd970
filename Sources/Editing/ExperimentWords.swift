// The words that mean something between the braces of an experiment.

extension LanguageWord {
  static let ofExperiments: [LanguageWord] = [
    word(
      "study", "study flow(data: …)", "The workflow that the experiment is about, with the inputs that stay the same."),
    word("intent", "intent \"…\"", "What the experiment is for, in words."),
    word("space", "space { … }", "What may vary: variants of steps, and values of their parameters."),
    word(
      "metrics", "metrics { name = step.output maximize }", "What is measured of each trial, and which way is better."),
    word(
      "stage", "stage name [after other] [when condition] { strategy … }",
      "A part of the experiment with a strategy of its own."),
    word("gate", "gate name after stage { ask \"…\" allow … }", "A question to a person between two stages."),
    word("budget", "budget { trials N, wall D, parallel N }", "What the whole experiment may use."),
    word("knowledge", "knowledge { reuse … }", "What earlier experiments offer to this one."),
    word("accept", "accept when condition { promote … }", "What happens with the best trial if it is good enough."),
    word("where", "where condition", "Points of the space for which it is false are never tried."),
    word("log", "float 0.01..0.3 log", "Values spread evenly over orders of magnitude."),
    word("maximize", "name = step.output maximize", "More is better."),
    word("minimize", "name = step.output minimize", "Less is better."),
    word("limit", "minimize limit 5.0", "A trial beyond it is not acceptable, however good the rest."),
    word("strategy", "strategy sobol(trials: 24)", "How the points of the space are chosen that are tried."),
    word("prune", "prune median(after: 8)", "Which trials are ended early."),
    word("grid", "grid(trials: N)", "Each combination of values."),
    word("random", "random(trials: N)", "Points drawn at random."),
    word("sobol", "sobol(trials: N)", "Points that cover the space evenly (a Sobol sequence)."),
    word(
      "tpe", "tpe(trials: N, start: best(6, stage))", "Points near those that were good (a tree of Parzen estimators)."),
    word("repeat", "repeat(best(3, stage), seeds: [1, 2, 3])", "The same points again, with other seeds."),
    word("median", "median(after: N)", "Ends a trial that is worse than the median of those before, once there are N."),
    word("best", "best(N, stage)", "The N best trials of a stage."),
    word("trials", "trials N", "How many points are tried."),
    word("wall", "wall D", "The longest that it may take, such as `8h`."),
    word("parallel", "parallel N", "Trials at a time."),
    word("ask", "ask \"…\"", "The question."),
    word("show", "show leaderboard(10), importance, pareto(a, b)", "What the person is shown."),
    word("allow", "allow continue, narrow, stop", "The possible answers."),
    word("timeout", "timeout D then stop", "The answer that is taken when nobody gives one."),
    word("leaderboard", "leaderboard(N)", "The N best trials."),
    word("importance", "importance", "Which parts of the space matter."),
    word("pareto", "pareto(metric, metric)", "The trials that no other is better than in all respects."),
    word("narrow", "narrow", "Go on with a smaller space."),
    word("promote", "promote step.output as \"name\"", "Gives the result a name in the store."),
    word("approve", "approve by \"role\"", "Who has to agree first."),
    word(
      "queue", "reuse queue from experiments(…)",
      "The best configurations of earlier experiments are tried again, first."),
    word("all", "reuse all from experiments(…)", "The best configurations first, and where good points were."),
    word("none", "reuse none from experiments(…)", "Nothing is learnt from these, whatever other lines say."),
    word("priors", "reuse priors from experiments(…)", "Where good points were in earlier experiments."),
    word("same", "when same(workflow, data)", "Only experiments with the same workflow or data."),
    word("similar", "when similar(data) > 0.8", "Only experiments on data that is like this."),
    word("after", "stage b after a", "Begins when that stage or gate is over."),
  ]

  private static func word(_ text: String, _ usage: String, _ doc: String) -> LanguageWord {
    LanguageWord(.experiment, text, usage, doc)
  }
}
