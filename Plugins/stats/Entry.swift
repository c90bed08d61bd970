// std.stats: descriptions, intervals and tests of samples.

public import AssayKit

private let plugin = Plugin(
  id: "std.stats", version: "1.0.0", license: "Apache-2.0", doc: "Descriptions, intervals and tests of samples.",
  tasks: [
    Describe.self, Quantiles.self, Proportion.self, Correlation.self, TTest.self, MannWhitney.self, McNemar.self,
  ])

/// Called by the engine.
@c(assay_plugin_entry)
public func entry(_ loader: AssayLoader) -> AssayDescription { plugin.enter(loader) }
