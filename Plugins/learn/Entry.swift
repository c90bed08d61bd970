// std.learn: a compact, exact learner that needs nothing but this plugin.

public import AssayKit

private let plugin = Plugin(
  id: "std.learn", version: "1.0.0", license: "Apache-2.0", doc: "A compact learner for two classes.",
  tasks: [Train.self, Predict.self])

/// Called by the engine.
@c(assay_plugin_entry)
public func entry(_ loader: AssayLoader) -> AssayDescription { plugin.enter(loader) }
