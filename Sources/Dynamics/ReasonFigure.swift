internal import Charts

/// Why people went back: a bar for each reason, the commonest first.
package struct ReasonFigure {
  private let back: [Revisit]
  private let title: String

  package init(_ period: Period, title: String) {
    back = period.revisits.filter { $0.kind == .back }
    self.title = title
  }

  package func svg() -> String {
    let reasons = Period.reasons(back)
    let said = back.count { $0.reason.source == .human }
    let reading =
      reasons.first.map {
        "\(Period.count(back.count, "return")) to earlier phases, \($0.count) of them for \($0.category.rawValue); "
          + "of \(said) a person said why."
      } ?? "Nobody went back to an earlier phase."
    return BarRows(reasons.map { .init(name: $0.category.rawValue, value: Double($0.count)) })
      .svg(title: title, subtitle: reading, xLabel: "returns", width: 760, description: reading)
  }
}
