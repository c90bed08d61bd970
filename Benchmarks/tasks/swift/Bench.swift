public import AssayKit

/// Touches one element: what is left is the hand-over.
struct Last: AssayTask {
  static let task = TaskInfo("benchswift.last", version: "1.0.0", traits: [.idempotent])

  @In("tensor") var tensor: Tensor<Double>
  @Out("value") var value: Double

  mutating func run(_ context: Context) throws { value = tensor[tensor.count - 1] }
}

private let plugin = Plugin(id: "benchswift", version: "1.0.0", license: "Apache-2.0", tasks: [Last.self])

/// The plugin's only exported symbol.
@c(assay_plugin_entry)
public func entry(_ loader: AssayLoader) -> AssayDescription { plugin.enter(loader) }
