import Foundation
import Spaces
import Strategies
import TuningProblems

/// Sections of measurements, each printing lines of JSON. `Benchmarks/run strategies` makes one table of them and of the same of
/// other libraries.
@main struct Main {
  static let usage = """
    usage: strategy-benchmarks SECTION FOLDER [SEEDS [NAME…]]

      search   regret and trials to the target on functions and tables, 100 trials; NAMEs choose problems and strategies
      asks     processor time of one ask, by the number of trials before
      resumed  proposals that are the same after a stop
      large    two points of a space of forty million
      pruning  the median rule on cross-validation, random search of 60 trials
      halving  successive halving on learning curves
      fronts   hypervolume of two objectives after 300 trials
      points   some points of each problem and their regrets
    """

  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.count >= 2 else { return print(usage) }
    let folder = URL(filePath: arguments[1])
    let seeds = arguments.count > 2 ? Int(arguments[2]) ?? 20 : 20
    switch arguments[0] {
    case "search": try search(folder, seeds, Set(arguments.dropFirst(3)))
    case "asks": asks(seeds)
    case "resumed": resumed()
    case "large": large(seeds)
    case "pruning": try pruning(folder, seeds)
    case "halving": try halving(folder, seeds)
    case "fronts": fronts(seeds)
    case "points": try points(folder)
    default: print(usage)
    }
  }

  static func problems(_ folder: URL) throws -> [Problem] {
    try Problem.functions + Tables(folder.appending(path: "tables")).problems()
  }

  /// One line of JSON: numbers and names.
  static func line(_ fields: KeyValuePairs<String, Any>) {
    let parts = fields.map { key, value in
      let text = value is String ? "\"\(value)\"" : "\(value)"
      return "\"\(key)\":\(text)"
    }
    print("{\(parts.joined(separator: ","))}")
  }

  static func points(_ folder: URL) throws {
    for problem in try problems(folder) {
      for trial in 0..<5 {
        var draws = Question(problem.space, seed: 1, trial: trial, History()).draws(.point)
        let point = problem.space.randomPoint(&draws)
        line([
          "problem": problem.name, "target": problem.target,
          "point": point.coordinates.map { $0 == Point.inactive ? -1 : $0 }, "regret": problem.regret(point),
        ])
      }
    }
  }
}

func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  guard !sorted.isEmpty else { return .nan }
  return sorted.count % 2 == 1
    ? sorted[sorted.count / 2] : (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
}

/// Processor time in milliseconds.
func milliseconds<T>(_ work: () throws -> T) rethrows -> (T, Double) {
  let start = clock()
  let result = try work()
  return (result, Double(clock() - start) / Double(CLOCKS_PER_SEC) * 1000)
}
