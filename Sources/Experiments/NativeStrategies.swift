internal import Strategies
internal import Values
internal import Workflows

/// The strategies of `StrategyCatalog`.
enum NativeStrategies {
  static func strategy(_ call: Experiment.Call, trials: Int) -> any Strategy {
    func integer(_ name: String, _ fallback: Int) -> Int {
      if case .int(let value)? = call.option(name) { Int(value) } else { fallback }
    }
    switch call.name {
    case "gp": return ExpectedImprovement(startup: integer("startup", 10))
    case "random": return RandomSearch()
    case "sobol": return Sobol()
    case "lhs": return LatinHypercube(trials: trials)
    case "grid": return Grid(levels: integer("levels", 5), isShuffled: call.option("shuffled") != .bool(false))
    case "nsga2": return NonDominatedSorting(population: integer("population", 40))
    default: return TreeParzen(startup: integer("startup", 10), candidates: integer("candidates", 24))
    }
  }

  static func pruning(_ call: Experiment.Call) -> any Pruning {
    func integer(_ name: String, _ fallback: Int) -> Int {
      if case .int(let value)? = call.option(name) { Int(value) } else { fallback }
    }
    func number(_ name: String, _ fallback: Double) -> Double { call.option(name)?.number ?? fallback }
    switch call.name {
    case "percentile":
      return PercentilePruning(
        share: number("share", 0.5), startup: integer("after", 5), warmup: integer("warmup", 0))
    case "threshold": return ThresholdPruning(limit: number("limit", .infinity), warmup: integer("warmup", 0))
    case "patience": return PatiencePruning(steps: integer("steps", 5))
    case "asha": return SuccessiveHalving(first: integer("first", 1), factor: integer("factor", 3))
    case "hyperband": return Hyperband(longest: integer("longest", 81), factor: integer("factor", 3))
    default: return PercentilePruning(startup: integer("after", 5), warmup: integer("warmup", 0))
    }
  }
}

extension Value {
  fileprivate var number: Double? {
    switch self {
    case .int(let number): Double(number)
    case .float(let number): number
    default: nil
    }
  }
}
