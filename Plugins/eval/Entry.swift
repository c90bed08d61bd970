// std.eval: how good predictions are, with intervals.

public import AssayKit

private let plugin = Plugin(
  id: "std.eval", version: "1.0.0", license: "Apache-2.0", doc: "How good predictions are, with intervals.",
  tasks: [
    AUC.self, ROC.self, Accuracy.self, F1.self, Confusion.self, LogLoss.self, Brier.self, Calibration.self,
    Regression.self, Mean.self,
  ])

/// Called by the engine.
@c(assay_plugin_entry)
public func entry(_ loader: AssayLoader) -> AssayDescription { plugin.enter(loader) }
