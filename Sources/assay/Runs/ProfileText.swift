internal import Execution
internal import Values

/// `--profile`: where the engine's own time went.
struct ProfileText {
  var report: Profile.Report

  /// What each phase is, for people.
  private static func words(_ phase: Profile.Phase) -> String {
    switch phase {
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
      .init(title: "PHASE"), .init(title: "TIME", isNumber: true), .init(title: "SHARE", isNumber: true),
      .init(title: "WHAT"),
    ])
    func add(_ name: String, _ seconds: Double, _ what: String) {
      let share = report.total > 0 ? Int((100 * seconds / report.total).rounded()) : 0
      table.add([
        .init(name), .init(Times.duration(nanoseconds: Int64(seconds * 1e9))), .init("\(share) %"), .init(what, .faint),
      ])
    }
    for (phase, seconds) in report.phases { add(phase.rawValue, seconds, Self.words(phase)) }
    add("other", report.other, "everything else")
    add(
      "total", report.total,
      "\(Text.count(report.calls, "call")) in \(report.batches == 1 ? "1 batch" : "\(report.batches) batches")")
    return table.text(paint: paint, available: nil)
  }

  /// In seconds; together with `other` they are the total.
  var json: JSON {
    let phases = report.phases.map { JSON.Member($0.phase.rawValue, .float($0.seconds)) }
    return [
      "total_seconds": .float(report.total), "calls": .int(Int64(report.calls)),
      "batches": .int(Int64(report.batches)),
      "phases": .object(phases + [.init("other", .float(report.other))]),
    ]
  }
}
