import Foundation

/// `knowledge-benchmarks TABLES [SEEDS [SECTION…]]`: what earlier experiments are worth, data set by data set left out.
@main struct Main {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count > 1, let seeds = arguments.count > 2 ? Int(arguments[2]) : 20, seeds > 0 else {
      return print("usage: knowledge-benchmarks TABLES [SEEDS [SECTION…]], of \(Study.sections)")
    }
    let study = try Study(URL(filePath: arguments[1]), seeds: seeds)
    print(await study.report(Array(arguments.dropFirst(3))))
  }
}
