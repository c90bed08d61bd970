public import AssayKit

/// Finds the highest moving average.
struct Peak: AssayTask {
  static let task = TaskInfo(
    "series.peak", version: "1.0.0", title: "Peak", phase: "validation", traits: [.pure, .deterministic, .idempotent],
    doc: "Finds the highest moving average and the row it is centred on.")

  @In("values", type: "tensor<f64>[n, 1]", doc: "the series") var values: Tensor<Double>
  @In("width", doc: "how many values an average is taken over", in: 1...1000) var width = 3
  @Out("row", doc: "the row that the average is centred on, from 0") var row: Int
  @Out("value", doc: "the highest moving average") var value: Double

  mutating func run(_ context: Context) throws {
    let count = values.shape[0]
    guard count >= width else {
      throw TaskFailure("\(count) values are too few for a width of \(width)", code: "series.short", port: "values")
    }
    let averages = (0...(count - width)).map { start in
      (start..<start + width).reduce(0) { $0 + values[$1, 0] } / Double(width)
    }
    var best = 0
    for index in averages.indices where averages[index] > averages[best] { best = index }
    row = best + width / 2
    value = averages[best]
  }
}

let plugin = Plugin(id: "series", version: "1.0.0", license: "", tasks: [Peak.self])

/// Called by the engine: the one symbol that a plugin exports.
@c(assay_plugin_entry)
public func entry(_ loader: AssayLoader) -> AssayDescription { plugin.enter(loader) }
