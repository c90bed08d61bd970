internal import Statistics

/// Something that is worth to be said about a period, with what it rests on.
package struct Insight: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    case loop, check, amplification, settling, reasons, focus, cache
  }
  package var kind: Kind
  package var text: String
  /// Numbers of the runs that show it.
  package var runs: [Int]
  /// What orders insights: seconds of tasks that are at stake.
  package var weight: Double
}

extension Period {
  /// Sentences with their numbers, the dearest first. Shares are given as k of n; percentages only from five on.
  package func insights() -> [Insight] {
    let found = loopInsights() + checkInsights() + amplificationInsights() + settlingInsights() + unstated() + guessed()
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

  /// A check that fails in one phase over what another one made belongs behind that.
  private func checkInsights() -> [Insight] {
    let caught = revisits.filter { $0.kind == .back && $0.symptom != nil }
    let groups = Dictionary(grouping: caught) { "\($0.symptom?.name ?? "")\u{0}\($0.to)" }
    return groups.values.compactMap { group -> Insight? in
      guard let one = group.first, let symptom = one.symptom else { return nil }
      let cost = group.reduce(0) { $0 + lateDetection($1) }
      guard cost > 0 else { return nil }
      let all = revisits.count { $0.kind == .back && $0.from == one.from && $0.to == one.to }
      let (to, from) = (journey.phases.title(one.to), journey.phases.title(one.from))
      return Insight(
        kind: .check,
        text: "`\(symptom.name)` was seen in \(from), and what it judges was mended in \(to) "
          + "(\(group.count) of \(all) returns). Seen right after \(to), it would have saved up to \(Self.duration(cost)).",
        runs: runs(group), weight: cost)
    }
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
      return Insight(kind: .amplification, text: text, runs: [], weight: measure.echo)
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
          + "over \(Self.duration(settling)).", runs: [], weight: rework.intentional / 2)
    }
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
    let guessed = known.count { $0.focus?.source == .frontier }
    guard known.count >= 5, guessed * 2 > known.count else { return [] }
    return [
      Insight(
        kind: .focus,
        text: "Of \(guessed) of \(known.count) runs the phase in focus is only guessed (the farthest one so far): "
          + "`assay run --focus PHASE` says it.", runs: [], weight: 0)
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
    case ..<1: "\(Int((seconds * 1000).rounded())) ms"
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
