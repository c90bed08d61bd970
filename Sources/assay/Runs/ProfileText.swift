internal import Execution
internal import Values

/// `--profile`: where the engine's own time went.
struct ProfileText {
  var report: Profile.Report

  /// What each part is, for people.
  private static func words(_ part: Profile.Part) -> String {
    switch part {
    case .plan: "document checked, plan made"
    case .start: "store opened, beginning recorded"
    case .keys: "keys, and results that are known"
    case .dispatch: "what is next, what has ended"
    case .tasks: "tasks, and the way to them"
    case .record: "results kept and handed on"
    case .wait: "lanes with nothing to do"
    case .commit: "until all is on disk"
    }
  }

  func table(_ paint: Paint) -> String {
    var table = TextTable([
      .init(title: "PART"), .init(title: "TIME", isNumber: true), .init(title: "SHARE", isNumber: true),
      .init(title: "WHAT"),
    ])
    func add(_ name: String, _ seconds: Double, _ what: String) {
      let share = report.total > 0 ? Int((100 * seconds / report.total).rounded()) : 0
      table.add([
        .init(name), .init(Times.duration(nanoseconds: Int64(seconds * 1e9))), .init("\(share) %"), .init(what, .faint),
      ])
    }
    for (part, seconds) in report.parts { add("\(part)", seconds, Self.words(part)) }
    add("other", report.other, "everything else")
    add(
      "total", report.total,
      "\(Text.count(report.calls, "call")) in \(report.batches == 1 ? "1 batch" : "\(report.batches) batches")")
    return table.text(paint: paint, available: nil)
  }

  /// In seconds; together with `other` they are the total.
  var json: JSON {
    let parts = report.parts.map { JSON.Member("\($0.part)", .float($0.seconds)) }
    return [
      "total_seconds": .float(report.total), "calls": .int(Int64(report.calls)),
      "batches": .int(Int64(report.batches)),
      "parts": .object(parts + [.init("other", .float(report.other))]),
    ]
  }
}
