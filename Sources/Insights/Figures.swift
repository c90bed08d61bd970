internal import Charts
package import Experiments
internal import Spaces
internal import Statistics
internal import Workflows

/// Pictures of an experiment, as SVG: readable in light and dark, in grey, and by those who cannot see colours.
package enum Figures {
  /// Trials and the best so far; nil before two trials were measured.
  package static func progress(_ study: Study, _ course: Course) -> String? {
    guard let metric = study.definition.objectives.first else { return nil }
    let trials = course.values.enumerated().compactMap { place, value in
      value.map { (number: study.trials[place].number, value: $0) }
    }
    guard trials.count > 1 else { return nil }
    return ProgressChart(
      title: "", yLabel: study.definition.experiment.metrics[metric].name, trials: thinned(trials),
      best: course.improvements.map { (number: $0.trial, value: $0.value) }
    ).svg()
  }

  /// A picture of more marks than pixels says nothing more.
  private static func thinned<T>(_ items: [T]) -> [T] {
    let step = max(1, items.count / 4000)
    return step == 1 ? items : items.enumerated().filter { $0.offset % step == 0 }.map(\.element)
  }

  package static func importance(_ sensitivity: Sensitivity) -> String {
    BarRows(
      sensitivity.rows.map { row in
        BarRows.Bar(
          name: row.name, value: row.share, lower: row.interval.lower, upper: row.interval.upper,
          reference: row.chance)
      }
    ).svg(
      title: "",
      xLabel: "share of being among the best \(sensitivity.best) that it explains; dashed: by chance",
      description: sensitivity.rows.prefix(8).map { "\($0.name) \(Words.percent($0.share))" }.joined(separator: ", "))
  }

  package static func front(_ front: Front, _ study: Study) -> String? {
    guard front.metrics.count >= 2, front.points.count > 1 else { return nil }
    let names = front.metrics.map { study.definition.experiment.metrics[$0].name }
    let shown = front.front + thinned(front.points.filter { !$0.isFront })
    return FrontChart(
      title: "", xLabel: names[0], yLabel: names[1],
      points: shown.map { FrontChart.Point(number: $0.trial, x: $0.values[0], y: $0.values[1], isFront: $0.isFront) }
    ).svg()
  }

  /// Lines through the parameters of the space; nil for fewer than two, or hardly any trials.
  package static func parallel(_ study: Study) -> String? {
    let definition = study.definition
    // More than eight axes cannot be read.
    let parameters = Array(definition.experiment.parameters.indices.prefix(8))
    let ranked = study.ranked()
    guard parameters.count > 1, ranked.count > 4 else { return nil }
    let best = max(3, ranked.count / 10)
    let lines = thinned(Array(ranked.enumerated())).prefix(300).map { rank, place in
      ParallelChart.Line(
        places: parameters.map { Self.place($0, study.trials[place].proposed.point, definition) }, isBest: rank < best)
    }
    let axes = parameters.map { index in
      ParallelChart.Axis(
        name: definition.experiment.parameters[index].name, ticks: ticks(definition.space.parameters[index].domain))
    }
    return ParallelChart(title: "", axes: axes, lines: Array(lines)).svg()
  }

  private static func place(_ index: Int, _ point: Point, _ definition: Definition) -> Double? {
    let coordinate = point[index]
    guard coordinate != Point.inactive else { return nil }
    switch definition.space.parameters[index].domain {
    case .axis(let axis): return axis.unit(of: coordinate)
    case .choices(let choices): return (coordinate + 0.5) / Double(max(1, choices.count))
    }
  }

  private static func ticks(_ domain: Domain) -> [(place: Double, label: String)] {
    switch domain {
    case .choices(let choices):
      return choices.enumerated().map { ((Double($0) + 0.5) / Double(choices.count), Words.value($1)) }
    case .axis(let axis):
      if let count = axis.count, count <= 6 {
        return (0..<count).map { cell in
          let coordinate = domain.coordinate(cell: cell)
          return (axis.unit(of: coordinate), Words.value(domain.value(at: coordinate)))
        }
      }
      return [0.0, 0.5, 1].map { unit in
        let coordinate = axis.coordinate(warped: axis.bounds.low + unit * (axis.bounds.high - axis.bounds.low))
        return (axis.unit(of: coordinate), Words.value(domain.value(at: coordinate)))
      }
    }
  }
}
