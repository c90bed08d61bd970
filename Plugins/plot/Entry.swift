// std.plot: charts as SVG, light and dark, the same bytes for the same data.

public import AssayKit

private let plugin = Plugin(
  id: "std.plot", version: "1.0.0", license: "Apache-2.0", doc: "Charts as SVG.",
  tasks: [
    LineChart.self, ScatterChart.self, Histogram.self, BarChart.self, ROCChart.self, CalibrationChart.self,
    ConfusionChart.self, HeatMap.self,
  ])

/// Called by the engine.
@c(assay_plugin_entry)
public func entry(_ loader: AssayLoader) -> AssayDescription { plugin.enter(loader) }
