// std.eval: how good the scores of a classifier are.

public import AssayKit

private let plugin = Plugin(
  id: "std.eval", version: "1.0.0", license: "Apache-2.0", doc: "How good the scores of a classifier are.",
  tasks: [AUC.self, ROC.self, Accuracy.self, Confusion.self, LogLoss.self, Brier.self, Mean.self])

/// Called by the engine.
@c(assay_plugin_entry)
public func entry(_ loader: AssayLoader) -> AssayDescription { plugin.enter(loader) }
