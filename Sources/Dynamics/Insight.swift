internal import Statistics

/// Something that is worth to be said about a period, with what it rests on.
package struct Insight: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    case rework, loop, check, amplification, settling, cache, reasons, focus
  }
  package var kind: Kind
  package var text: String
  /// Numbers of the runs that show it.
  package var runs: [Int]
  /// What orders insights: seconds of tasks that are at stake.
  package var weight: Double

  /// `runs 9, 10, 11`; of many the newest.
  package static func evidence(_ runs: [Int]) -> String {
    "run\(runs.count == 1 ? "" : "s") \(runs.count > 8 ? "…, " : "")\(runs.suffix(8).map { "\($0)" }.joined(separator: ", "))"
  }
}

extension Period {
  /// Sentences with their numbers, the dearest first. Shares are given as k of n; percentages only from five on.
  package func insights() -> [Insight] {
    let found =
      reworkInsights() + loopInsights() + checkInsights() + amplificationInsights() + settlingInsights() + saved()
      + unstated() + guessed()
    return found.sorted { ($1.weight, $0.text) < ($0.weight, $1.text) }
  }

  private func loopInsights() -> [Insight] {
    loops().filter { $0.revisits.count >= 2 }.map { loop in
      var text =
        "While on \(journey.phases.title(loop.from)), \(Self.share(loop.share)) returns went back to \(journey.phases.title(loop.to))."
      if let reason = loop.reasons.first {
        text += " Commonest reason: \(reason.category.rawValue) (\(reason.count))."
      }
      if let time = loop.medianReturn { text += " Median time to be back: \(Self.duration(time))." }
      if loop.lateDetection > 0 {
        text += " \(Self.duration(loop.lateDetection)) of work had been done in between."
      }
      return Insight(
        kind: .loop, text: text, runs: runs(loop.revisits), weight: loop.lateDetection)
    }
  }

  /// Each once, in order.
  private func runs(_ revisits: [Revisit]) -> [Int] {
    var seen: Set<Int> = []
    return revisits.map { leg($0).run.number }.filter { seen.insert($0).inserted }
  }

  /// Where the time of tasks went.
  private func reworkInsights() -> [Insight] {
    let all = Rework(self, isLogged: false)
    let again = all.intentional + all.echo
    guard again > 0, let ratio = all.ratio else { return [] }
    let phases = journey.phases.names.indices.map { (phase: $0, rework: Rework(self, phase: $0, isLogged: false)) }
    var text =
      "\(Self.duration(again)) of the \(Self.duration(all.all)) that tasks ran (\(Int((ratio * 100).rounded())) %) was rework: "
      + "\(Self.duration(all.intentional)) on what was changed, \(Self.duration(all.echo)) only because of that."
    if let most = phases.max(by: { $0.rework.again < $1.rework.again }) {
      text += " Most of it in \(journey.phases.title(most.phase)): \(Self.duration(most.rework.again))."
    }
    return [Insight(kind: .rework, text: text, runs: runs { $0.kind == .root || $0.kind == .echo }, weight: again)]
  }

  /// A check that fails in one phase over what another one made belongs behind that.
  private func checkInsights() -> [Insight] {
    let back = revisits.filter { $0.kind == .back }
    let groups = Dictionary(grouping: back.filter { $0.symptom != nil }) {
      "\($0.symptom?.name ?? "")\u{0}\($0.from)\u{0}\($0.to)"
    }
    let all = Dictionary(grouping: back, by: \.to).mapValues(\.count)
    return groups.values.compactMap { group -> Insight? in
      guard let one = group.first, let symptom = one.symptom else { return nil }
      let cost = group.reduce(0) { $0 + $1.lateDetection }
      let (to, from) = (journey.phases.title(one.to), journey.phases.title(one.from))
      var text = "\(group.count) of \(all[one.to] ?? 0) returns to \(to) came from \(from) after \(symptom.event)"
      // Where nothing but the check itself ran in between it cannot come earlier.
      if let next = Self.commonest(group.compactMap(\.after)) {
        let remedy =
          switch symptom.kind {
          case .check, .data, .drift: "moving that check before `\(next)`"
          case .failure, .metric, .resource: "seeing it before `\(next)`"
          }
        text += "; \(remedy) would have saved up to \(Self.duration(cost))"
      }
      return Insight(
        kind: .check, text: text + ".",
        runs: runs(group), weight: cost)
    }
  }

  /// Of equals the first in order.
  private static func commonest(_ names: [String]) -> String? {
    let counts = Dictionary(grouping: names) { $0 }.mapValues(\.count)
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
  }

  /// Those in which something that counts happened, in order.
  private func runs(where isMeant: (Leg.Step) -> Bool) -> [Int] {
    legs.filter { !$0.run.isExploration && $0.steps.contains(where: isMeant) }.map(\.run.number)
  }

  private func amplificationInsights() -> [Insight] {
    amplification().enumerated().compactMap { phase, measure in
      guard let factor = measure.factor, measure.echo > 0, factor >= 1 else { return nil }
      var text =
        "One second of changes in \(journey.phases.title(phase)) made \(Self.number(factor)) s run after it "
        + "(\(Self.duration(measure.root)) → \(Self.duration(measure.echo)))."
      if measure.identical > 0 {
        text += " \(Self.duration(measure.identical)) of that gave the same bytes as before."
      }
      return Insight(
        kind: .amplification, text: text, runs: runs { $0.kind == .root && $0.execution.phase == phase },
        weight: measure.echo)
    }
  }

  private func settlingInsights() -> [Insight] {
    times().compactMap { times in
      guard let settling = times.settling, settling > 0, times.changes >= 2 else { return nil }
      let rework = Rework(self, phase: times.phase)
      let word = journey.phases.title(times.phase)
      return Insight(
        kind: .settling,
        text:
          "\(word.first.map { $0.uppercased() } ?? "")\(word.dropFirst()) was done once, and changed \(times.changes) more times "
          + "over \(Self.duration(settling)).",
        runs: runs { $0.kind == .root && $0.execution.phase == times.phase }, weight: rework.intentional / 2)
    }
  }

  private func saved() -> [Insight] {
    let all = Rework(self)
    let would = all.saved + all.all - all.logged
    guard all.saved > 0, would > 0 else { return [] }
    return [
      Insight(
        kind: .cache,
        text:
          "Recorded results saved \(Self.duration(all.saved)): \(Int((all.saved / would * 100).rounded())) % of the "
          + "\(Self.duration(would)) that tasks would have run without them.",
        runs: runs { $0.kind == .reused && $0.execution.seconds > 0 }, weight: 0)
    ]
  }

  private func unstated() -> [Insight] {
    let back = revisits.filter { $0.kind == .back }
    let silent = back.filter { $0.reason.source == .none }
    guard !silent.isEmpty else { return [] }
    return [
      Insight(
        kind: .reasons,
        text: "\(silent.count) of \(back.count) returns have no reason: `assay phases annotate RUN --why …`.",
        runs: runs(silent), weight: 0)
    ]
  }

  private func guessed() -> [Insight] {
    let known = legs.filter { !$0.run.isExploration && $0.focus != nil }
    let guessed = known.filter { $0.focus?.source == .frontier }
    guard known.count >= 5, guessed.count * 2 > known.count else { return [] }
    return [
      Insight(
        kind: .focus,
        text:
          "In \(guessed.count) of \(known.count) runs the phase in focus is only guessed (the farthest one so far): "
          + "`assay run --focus PHASE` says it.", runs: guessed.map(\.run.number), weight: 0)
    ]
  }

  // MARK: Words

  static func share(_ share: Proportion) -> String {
    guard share.count >= 5 else { return "\(share.hits) of \(share.count)" }
    let interval = share.wilson()
    func percent(_ value: Double) -> Int { Int((value * 100).rounded()) }
    return "\(share.hits) of \(share.count) (\(percent(interval.lower))–\(percent(interval.upper)) %)"
  }

  package static func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<0.9995: "\(Int((seconds * 1000).rounded())) ms"
    case ..<60: "\(number(seconds)) s"
    case ..<3600: "\(number(seconds / 60)) min"
    case ..<172_800: "\(number(seconds / 3600)) h"
    default: "\(number(seconds / 86400)) days"
    }
  }

  package static func number(_ value: Double) -> String {
    let scale = value < 10 ? 10.0 : 1
    let rounded = (value * scale).rounded() / scale
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }
}

extension Symptom {
  /// What went wrong, behind `after`: `` `auc` got worse ``.
  fileprivate var event: String {
    switch kind {
    case .failure, .check: "`\(name)` failed"
    case .data: "`\(name)` found the data wrong"
    case .metric: "`\(name)` got worse"
    case .drift: "`\(name)` found a drift"
    case .resource: "`\(name)` ran out of memory or time"
    }
  }
}
