public import AssayKit

/// Brings the columns of a matrix to mean 0 and deviation 1.
struct Standardise: AssayTask {
  static let task = TaskInfo(
    "demo.standardise", version: "1.0.0", phase: "preparation", traits: [.pure, .deterministic, .idempotent],
    doc: "Brings each column to mean 0 and standard deviation 1.")

  @In("features", type: "tensor<f64>[n, d]", doc: "one row per case") var features: Tensor<Double>
  @In("epsilon", doc: "least deviation", in: 0...1) var epsilon = 1e-9
  @Out("scaled", type: "tensor<f64>[n, d]", doc: "the same shape") var scaled: Tensor<Double>

  mutating func run(_ context: Context) throws {
    let (rows, columns) = (features.shape[0], features.shape[1])
    guard rows > 0 else { throw TaskFailure("there are no rows", code: "demo.empty", port: "features") }
    var result: Tensor<Double> = try context.tensor([rows, columns])
    for column in 0..<columns {
      try context.checkCancelled()
      let values = (0..<rows).map { features[$0, column] }
      let mean = values.reduce(0, +) / Double(rows)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)
      let deviation = max(variance.squareRoot(), epsilon)
      for row in 0..<rows { result[row, column] = (values[row] - mean) / deviation }
      context.progress(Double(column + 1), of: Double(columns), "columns")
    }
    scaled = result
  }
}

let plugin = Plugin(id: "demo", version: "1.0.0", license: "Apache-2.0", tasks: [Standardise.self])

/// Called by the engine: the one symbol that a plugin exports.
@c(assay_plugin_entry)
public func entry(_ loader: AssayLoader) -> AssayDescription { plugin.enter(loader) }
