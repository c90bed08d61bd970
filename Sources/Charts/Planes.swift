/// Trials one after the other as points, and the best so far as a step line through them.
package struct ProgressChart {
  package var title: String
  package var yLabel: String
  /// By number; a value that is not finite is left out.
  package var trials: [(number: Int, value: Double)]
  package var best: [(number: Int, value: Double)]
  package init(
    title: String, yLabel: String, trials: [(number: Int, value: Double)], best: [(number: Int, value: Double)]
  ) {
    self.title = title
    self.yLabel = yLabel
    self.trials = trials
    self.best = best
  }

  package func svg(width: Double = 640, height: Double = 320) -> String {
    // A few terrible trials must not squeeze the others into a line.
    let shown = Self.window(trials.map(\.value), best.map(\.value))
    let last = Double(trials.map(\.number).max() ?? 1)
    let outside = trials.count { $0.value < shown.low || $0.value > shown.high }
    let figure = Figure(
      title: title, subtitle: outside > 0 ? "\(outside) trials far off are not shown" : "", xLabel: "trial",
      yLabel: yLabel, width: width, height: height, legend: [(0, "best so far"), (1, "trials")],
      description: "\(yLabel) of \(trials.count) trials"
        + (best.last.map { ", the best \(short($0.value)), found by trial \($0.number)" } ?? ""))
    return figure.svg { room in
      let axes = Axes(
        Scale(1, max(2, last), about: Int(width) / 90, isOpen: false),
        Scale(shown.low, shown.high, about: Int(height) / 70, isOpen: true), in: room)
      let size = trials.count > 500 ? 2.0 : 3.2
      var marks = "<g fill-opacity=\"0.6\">\n"
      for trial in trials where trial.value >= shown.low && trial.value <= shown.high {
        marks += mark(1, axes.x[Double(trial.number)], axes.y[trial.value], size)
      }
      marks += "</g>\n"
      var corners: [(x: Double, y: Double)] = []
      for point in best {
        let (x, y) = (axes.x[Double(point.number)], axes.y[min(max(point.value, shown.low), shown.high)])
        if let before = corners.last { corners.append((x, before.y)) }
        corners.append((x, y))
      }
      if let end = corners.last { corners.append((axes.x[max(2, last)], end.y)) }
      return axes.around(marks + "<path class=\"c0 line\" d=\"\(path(corners))\"/>\n")
    }
  }

  /// What is worth showing: the best so far and the middle nine tenths of the trials.
  package static func window(_ values: [Double], _ best: [Double]) -> (low: Double, high: Double) {
    let sorted = values.filter(\.isFinite).sorted()
    guard sorted.count >= 20 else { return extent(values + best) }
    let (low, high) = (sorted[sorted.count / 20], sorted[sorted.count - 1 - sorted.count / 20])
    let tail = best.suffix(max(1, best.count / 2))
    return extent([low, high] + tail + (best.last.map { [$0] } ?? []))
  }
}

/// Two metrics of each trial, and those that no other one surpasses in both.
package struct FrontChart {
  package struct Point {
    package var number: Int
    package var x: Double
    package var y: Double
    package var isFront: Bool
    package init(number: Int, x: Double, y: Double, isFront: Bool) {
      self.number = number
      self.x = x
      self.y = y
      self.isFront = isFront
    }
  }
  package var title: String
  package var xLabel: String
  package var yLabel: String
  package var points: [Point]
  package init(title: String, xLabel: String, yLabel: String, points: [Point]) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.points = points
  }

  package func svg(width: Double = 640, height: Double = 400) -> String {
    let front = points.filter(\.isFront).sorted { ($0.x, $0.y) < ($1.x, $1.y) }
    let (left, right) = extent(points.map(\.x))
    let (bottom, top) = extent(points.map(\.y))
    let figure = Figure(
      title: title, xLabel: xLabel, yLabel: yLabel, width: width, height: height,
      legend: [(0, "not surpassed"), (1, "surpassed")],
      description: "\(yLabel) over \(xLabel): \(points.count) trials, \(front.count) of them not surpassed: "
        + front.prefix(8).map { "trial \($0.number) (\(short($0.x)), \(short($0.y)))" }.joined(separator: ", "))
    return figure.svg { room in
      let axes = Axes(
        Scale(left, right, about: Int(width) / 90, isOpen: true),
        Scale(bottom, top, about: Int(height) / 70, isOpen: true), in: room, verticals: true)
      var marks = "<path class=\"c0 line\" stroke-opacity=\"0.5\" d=\""
      marks += path(front.map { (axes.x[$0.x], axes.y[$0.y]) }) + "\"/>\n<g fill-opacity=\"0.55\">\n"
      for point in points where !point.isFront { marks += mark(1, axes.x[point.x], axes.y[point.y], 3) }
      marks += "</g>\n"
      for point in front {
        marks += mark(0, axes.x[point.x], axes.y[point.y], 4.5)
        guard front.count <= 12 else { continue }
        marks += text("name", axes.x[point.x] + 7, axes.y[point.y] - 6, "\(point.number)")
      }
      return axes.around(marks)
    }
  }
}

/// A line for each trial through an axis for each parameter: what the best have in common.
package struct ParallelChart {
  package struct Axis {
    package var name: String
    /// Words at places 0 … 1.
    package var ticks: [(place: Double, label: String)]
    package init(name: String, ticks: [(place: Double, label: String)]) {
      self.name = name
      self.ticks = ticks
    }
  }
  package struct Line {
    /// 0 … 1 by axis; nil where the parameter does not exist.
    package var places: [Double?]
    package var isBest: Bool
    package init(places: [Double?], isBest: Bool) {
      self.places = places
      self.isBest = isBest
    }
  }
  package var title: String
  package var axes: [Axis]
  package var lines: [Line]
  package init(title: String, axes: [Axis], lines: [Line]) {
    self.title = title
    self.axes = axes
    self.lines = lines
  }

  package func svg(width size: Double = 640, height: Double = 340) -> String {
    let best = lines.count(where: \.isBest)
    let figure = Figure(
      title: title, width: max(size, Double(axes.count) * 110), height: height,
      legend: [(0, "the best \(best)"), (7, "the others")],
      description: "Parallel coordinates of \(lines.count) trials over \(axes.map(\.name).joined(separator: ", "))")
    return figure.svg { room in
      let (top, bottom) = (room.top + 16, room.bottom - 6)
      func x(_ index: Int) -> Double {
        let (left, right) = (room.left + 36, room.right - 60)
        return axes.count > 1 ? left + (right - left) * Double(index) / Double(axes.count - 1) : (left + right) / 2
      }
      var marks = ""
      for group in [false, true] {
        marks += "<g stroke-opacity=\"\(group ? "0.85" : "0.3")\">\n"
        for line in lines where line.isBest == group {
          let points = line.places.enumerated().map { index, place in
            (x: x(index), y: place.map { bottom - $0 * (bottom - top) } ?? .nan)
          }
          marks += "<path class=\"\(group ? "c0" : "c7") line\" style=\"stroke-width:\(group ? "1.8" : "1")\" d=\"\(joined(points))\"/>\n"
        }
        marks += "</g>\n"
      }
      for (index, axis) in axes.enumerated() {
        let room = size / Double(max(1, axes.count)) - 6
        marks += Charts.line("whisker", x(index), top, x(index), bottom)
        marks += text("name middle", x(index), top - 12, fitted(axis.name, room + 20, 12))
        for tick in axis.ticks {
          marks += text("tick", x(index) + 5, bottom - tick.place * (bottom - top) + 4, fitted(tick.label, room, 11))
        }
      }
      return marks
    }
  }

  /// A parameter that does not exist is passed over: the line goes on at the next axis.
  private func joined(_ points: [(x: Double, y: Double)]) -> String { path(points.filter { $0.y.isFinite }) }
}
