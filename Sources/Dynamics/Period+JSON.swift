internal import Statistics
package import Values

extension Period {
  /// All that is known of the period, for programs. Times in seconds.
  package var members: [JSON.Member] {
    let phases = journey.phases
    let matrix = RevisitMatrix(self)
    let rework = Rework(self)
    let factors = amplification()
    let spans = matrix.indices.map { self.spans(of: $0, gap: Self.pause) }
    func name(_ phase: Int) -> JSON { .string(phases.name(phase)) }
    func counts(_ rows: [[Int]]) -> JSON { .array(rows.map { .array($0.map { .int(Int64($0)) }) }) }
    return [
      .init("phases", .array(phases.names.map { .string($0) })), .init("runs", .int(Int64(runs))),
      .init("lines", .array(lines.map { .string($0) })),
      .init("matrix", counts(matrix.counts)), .init("runs_in_focus", .array(matrix.runs.map { .int(Int64($0)) })),
      .init("transitions", counts(transitions())),
      .init("backward", .int(Int64(matrix.backward))), .init("self", .int(Int64(matrix.itself))),
      .init("forward", .int(Int64(matrix.forward))),
      .init(
        "overlaps",
        .array(
          matrix.indices.flatMap { a in
            matrix.indices.filter { $0 > a }.compactMap { b in overlaps(matrix, spans, a, b, name) }
          })),
      .init(
        "rework",
        .object([
          .init("ratio", .number(rework.ratio)), .init("intentional", .float(rework.intentional)),
          .init("echo", .float(rework.echo)), .init("first", .float(rework.first)),
          .init("exploration", .float(rework.exploration)), .init("retries", .float(rework.retries)),
          .init("saved", .float(rework.saved)), .init("logged", .float(rework.logged)),
        ])),
      .init("times", .array(times().map { times($0, factors[$0.phase], name) })),
      .init("revisits", .array(revisits.map { revisit($0, name) })),
      .init("insights", .array(insights().map(\.json))),
    ]
  }

  private func overlaps(
    _ matrix: RevisitMatrix, _ spans: [[Range<Int64>]], _ a: Int, _ b: Int, _ name: (Int) -> JSON
  ) -> JSON? {
    let (links, runs, time) = (matrix.overlap(a, b), overlapOfRuns(a, b), Self.overlap(spans[a], spans[b]))
    guard (links ?? 0) + (runs ?? 0) + (time ?? 0) > 0 else { return nil }
    return .object([
      .init("a", name(a)), .init("b", name(b)), .init("links", .number(links)), .init("runs", .number(runs)),
      .init("time", .number(time)),
    ])
  }

  private func times(_ times: PhaseTimes, _ amplification: Amplification, _ name: (Int) -> JSON) -> JSON {
    .object([
      .init("phase", name(times.phase)), .init("lead", .number(times.lead)), .init("touch", .float(times.touch)),
      .init("settling", .number(times.settling)), .init("changes", .int(Int64(times.changes))),
      .init("amplification", .number(amplification.factor)),
      .init("first_pass_yield", .share(firstPassYield(times.phase))),
      .init("change_fail_rate", .share(changeFailRate(times.phase))),
    ])
  }

  private func revisit(_ revisit: Revisit, _ name: (Int) -> JSON) -> JSON {
    .object([
      .init("run", .int(Int64(leg(revisit).run.number))), .init("from", name(revisit.from)),
      .init("to", name(revisit.to)), .init("kind", .string(revisit.kind.rawValue)),
      .init("focus", .string(revisit.focusSource.rawValue)),
      .init("causes", .array(revisit.causes.map(\.rawValue).sorted().map { .string($0) })),
      .init("reason", .string(revisit.reason.category.rawValue)), .init("text", .string(revisit.reason.text)),
      .init("reason_source", .string(revisit.reason.source.rawValue)),
      .init("late_detection", .float(revisit.lateDetection)), .init("return_time", .number(revisit.returnTime)),
    ])
  }
}

extension Insight {
  package var json: JSON {
    .object([
      .init("kind", .string(kind.rawValue)), .init("text", .string(text)),
      .init("runs", .array(runs.map { .int(Int64($0)) })), .init("seconds", .float(weight)),
    ])
  }
}

extension JSON {
  fileprivate static func number(_ value: Double?) -> JSON { value.map { .float($0) } ?? .null }

  /// `{"hits": 6, "count": 9, "lower": 0.35, "upper": 0.88}`.
  fileprivate static func share(_ share: Proportion?) -> JSON {
    guard let share else { return .null }
    let interval = share.wilson()
    return .object([
      .init("hits", .int(Int64(share.hits))), .init("count", .int(Int64(share.count))),
      .init("lower", .float(interval.lower)), .init("upper", .float(interval.upper)),
    ])
  }
}
