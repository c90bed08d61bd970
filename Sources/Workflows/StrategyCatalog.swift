package import Values

/// The strategies and pruning rules that come with the engine, as experiments write them.
package enum StrategyCatalog {
  package struct Entry: Sendable {
    package var name: String
    package var summary: String
    package var options: [(name: String, type: ValueType)]
    /// Takes trials of an earlier stage as its first argument.
    package var takesSource = false
  }

  private static let count = ValueType.int(.init(1, 1_000_000_000))
  private static let share = ValueType.float(.init(0, 1))

  package static let strategies: [Entry] = [
    Entry(
      name: "tpe", summary: "tree-structured Parzen estimation", options: [("startup", count), ("candidates", count)]),
    Entry(name: "gp", summary: "Bayesian optimisation with a Gaussian process", options: [("startup", count)]),
    Entry(name: "random", summary: "each trial by itself", options: []),
    Entry(name: "sobol", summary: "even coverage, at any number of trials", options: []),
    Entry(name: "lhs", summary: "as many strata of each parameter as trials", options: []),
    Entry(name: "grid", summary: "every point once", options: [("levels", count), ("shuffled", .bool)]),
    Entry(name: "nsga2", summary: "several metrics together", options: [("population", count)]),
    Entry(
      name: "repeat", summary: "the same configurations with other seeds", options: [("seeds", .list(.int(nil)))],
      takesSource: true),
  ]

  package static let prunings: [Entry] = [
    Entry(
      name: "median", summary: "what is worse than half of the trials at the same step",
      options: [("after", count), ("warmup", .int(.init(0, 1_000_000_000)))]),
    Entry(
      name: "percentile", summary: "what is worse than a share of the trials at the same step",
      options: [("share", share), ("after", count), ("warmup", .int(.init(0, 1_000_000_000)))]),
    Entry(name: "threshold", summary: "what is beyond a limit", options: [("limit", .float(nil)), ("warmup", count)]),
    Entry(name: "patience", summary: "what has not improved for some steps", options: [("steps", count)]),
    Entry(
      name: "asha", summary: "all but the best at each rung",
      options: [("first", count), ("factor", .int(.init(2, 100)))]),
    Entry(
      name: "hyperband", summary: "rungs that begin at different steps",
      options: [("longest", count), ("factor", .int(.init(2, 100)))]),
  ]
}
