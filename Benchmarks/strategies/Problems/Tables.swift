package import Foundation
package import Spaces

/// The tables of `Benchmarks/strategies/tables`, as problems.
package struct Tables: Sendable {
  package let tables: [Table]
  /// The row of a configuration.
  package let rows: [Point: Int]

  package init(_ folder: URL) throws {
    let decoder = JSONDecoder()
    let configurations = try decoder.decode(
      [[String: Double]].self, from: Data(contentsOf: folder.appending(path: "configs.json")))
    var rows: [Point: Int] = [:]
    for (row, configuration) in configurations.enumerated() {
      let point = Point(
        Pipeline.space.parameters.map { parameter in
          configuration[parameter.name].flatMap { $0 < 0 ? nil : $0 } ?? Point.inactive
        })
      rows[point] = row
    }
    self.rows = rows
    tables = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "json" && $0.lastPathComponent != "configs.json" }
      .sorted { $0.path < $1.path }
      .map { try decoder.decode(Table.self, from: Data(contentsOf: $0)) }
  }

  /// Errors by cross-validation; regret is 1 at the median configuration, and the target is the best hundredth.
  package func problems() -> [Problem] {
    tables.map { table in
      let errors = table.errors
      let sorted = errors.sorted()
      let (best, middle) = (sorted[0], sorted[sorted.count / 2])
      let hundredth = sorted[(sorted.count + 99) / 100 - 1]
      let scale = max(middle - best, 1e-12)
      return Problem(name: table.name, space: Pipeline.space, target: (hundredth - best) / scale) { [rows] point in
        rows[point].map { (errors[$0] - best) / scale } ?? .infinity
      }
    }
  }
}
