import Events
import Experiments
import Knowledge
import Spaces
import Testing

/// Entries survive the ledger, and rows that make no sense are none.
@Suite struct EntryCodecTests {
  static let entries: [Entry.Fact] = [
    .proposed(
      Proposed(
        trial: 3, stage: 1, round: 2, point: Point([1, Point.inactive, 0.25]), memo: [7, 8], seed: -5,
        source: .repeated,
        reason: "two\nlines")),
    .proposed(Proposed(trial: 1, stage: 0, point: Point([]), reason: "")),
    .ended(
      Ended(
        trial: 3, .pruned, metrics: [0.5, nil, -1], curve: [0.1, 0.2], run: 12, taskSeconds: 1.5, calls: (3, 4),
        message: "worse\nthan half")),
    .ended(Ended(trial: 4, .failed, metrics: [])),
    .stage(0, .began(evidence: "trial 1: auc=0.5\ntrial 2: auc=0.4")), .stage(2, .again),
    .stage(1, .skipped("no need")),
    .stage(1, .ended("stop: nobody answered in time")),
    .decided(Decision(.pause, reason: "new data", basis: 4)), .decided(Decision(.resume, reason: "", basis: 5)),
    .decided(Decision(.stop(isHard: true), reason: "enough", basis: 6)),
    .decided(Decision(.stop(isHard: false), reason: "", basis: 6)),
    .decided(Decision(.answer(stage: 1, "continue"), reason: "worth it", basis: 9)),
    .decided(Decision(.enqueue(Point([2, 3])), reason: "", basis: 9)),
    .decided(Decision(.exclude(trial: 7, true), reason: "odd", basis: 9)),
    .decided(Decision(.exclude(trial: 7, false), reason: "", basis: 9)),
    .decided(Decision(.restrict("k < 5"), reason: "slow", basis: 9)),
    .decided(Decision(.budget("trials", 30), reason: "", basis: 9)),
    .decided(Decision(.budget("wall", nil), reason: "", basis: 9)),
    .decided(Decision(.withdraw(Point([2, Point.inactive])), reason: "later", basis: 9, undoes: 7)),
    .decided(Decision(.veto(Point([2, 3]), true), reason: "explodes\n@role none", basis: 9)),
    .decided(Decision(.veto(Point([2, 3]), false), reason: "", basis: 9)),
    .decided(Decision(.lift("k < 5"), reason: "", basis: 9, undoes: 12)),
    .decided(Decision(.pin(parameter: 2, 0.5), reason: "as in production", basis: 9)),
    .decided(Decision(.pin(parameter: 2, nil), reason: "", basis: 9)),
    .decided(Decision(.space("k in int 1..5"), reason: "", basis: 9)),
    .decided(Decision(.strategy(stage: 2, "tpe(trials: 60)"), reason: "stuck", basis: 9)),
    .decided(Decision(.takeOver(true), reason: "", basis: 9)),
    .decided(Decision(.takeOver(false), reason: "", basis: 9)),
    .decided(Decision(.answer(stage: 1, "approve"), reason: "", basis: 9, role: "risk officer")),
    .decided(Decision(.note(trial: 3, "strange\nindeed"), reason: "", basis: 9)),
    .decided(Decision(.note(trial: nil, "hello"), reason: "", basis: 9)),
    .judged(
      Judged(
        trial: 7, isAccepted: true, metrics: [0.5, nil], repetitions: 3, reason: "auc 0.5 >= 0.4",
        evidence: "trial 7\nchampion")),
    .judged(Judged(trial: nil, isAccepted: false, reason: "no trial has finished")),
    .promoted(Promoted(place: 1, trial: 7, name: "churn/model", version: 3, replaces: 2)),
    .promoted(Promoted(place: 0, trial: 7, name: "churn/model", version: 1)),
    .closed(Closing(.exhausted, "the budget of 20 trials is used")),
    .decided(Decision(.forget(true), reason: "it leaked", basis: 9)),
    .decided(Decision(.forget(false), reason: "", basis: 9)),
    .decided(Decision(.relate("churn_q3", .sameProblem), reason: "the new columns are not used", basis: 9)),
    .decided(Decision(.relate("churn_q3", PastExperiment.Relation.none), reason: "", basis: 9)),
    .decided(Decision(.relate("churn_q3", nil), reason: "", basis: 9)),
    .imported(Imported(file: "a\nb.knowledge", by: "ada@lab", number: 7, digest: "sha256:00")),
    .described(InformingTests.described), .learnt(InformingTests.learnt(from: 12)),
    .learnt(
      Learnt(
        Learnt.Origin(label: "i3", name: "x", uid: "u", entries: 0, digest: ""), .sameProblem, [.queue, .trials],
        similarity: nil, observations: [])),
  ]

  @Test(arguments: entries.indices) func anEntryIsReadAsItIsWritten(_ index: Int) {
    let entry = Entry(at: 1_700_000_000_000_000_001, actor: Actor(.person, "ada: the first"), Self.entries[index])
    #expect(Entry(entry.row) == entry)
  }

  /// Cut short, a row is another entry or none, and nothing traps.
  @Test(arguments: entries.indices) func aDamagedRowIsNoTrap(_ index: Int) {
    let row = Entry(at: 1, actor: .engine, Self.entries[index]).row
    for count in 0..<row.numbers.count {
      var cut = row
      cut.numbers = Array(row.numbers.prefix(count))
      _ = Entry(cut)
      cut.numbers = row.numbers.map { _ in Double.nan }
      _ = Entry(cut)
      cut.numbers = row.numbers.map { _ in 1e300 }
      _ = Entry(cut)
      cut.numbers = row.numbers.map { _ in -1 }
      _ = Entry(cut)
    }
    var other = row
    other.text = ""
    _ = Entry(other)
    other.kind = "dreamt"
    #expect(Entry(other) == nil)
    other = row
    other.actor = "nobody"
    #expect(Entry(other) == nil)
  }
}
