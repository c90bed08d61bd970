package import Events
internal import Spaces

/// Entries as rows of the ledger. What is read is what was written; a row that makes no sense is no entry.
extension Entry {
  package var row: LogRow {
    var row = LogRow(at: at, actor: "\(actor.kind.rawValue):\(actor.name)", kind: "")
    switch fact {
    case .proposed(let proposed):
      row.kind = "proposed"
      row.trial = proposed.trial
      row.numbers =
        [Double(proposed.stage), Double(proposed.round), Double(proposed.point.coordinates.count)]
        + proposed.point.coordinates + proposed.memo
      row.text = Self.lines(proposed.source.rawValue, proposed.seed.map { "\($0)" } ?? "", proposed.reason)
    case .ended(let ended):
      row.kind = "ended"
      row.trial = ended.trial
      row.numbers =
        [ended.taskSeconds, Double(ended.calls.ran), Double(ended.calls.reused), Double(ended.metrics.count)]
        + ended.metrics.map { $0 ?? .nan } + ended.curve
      row.text = Self.lines(ended.outcome.rawValue, ended.run.map { "\($0)" } ?? "", ended.message)
    case .stage(let stage, let event):
      row.kind = "stage"
      row.numbers = [Double(stage)]
      row.text =
        switch event {
        case .began(let evidence): Self.lines("began", evidence)
        case .again: "again"
        case .skipped(let reason): Self.lines("skipped", reason)
        case .ended(let reason): Self.lines("ended", reason)
        }
    case .decided(let decision):
      row.kind = "decided"
      row.numbers = [Double(decision.basis)]
      Self.put(decision.operation, into: &row, decision.reason)
      row.text = Self.attributes(decision) + row.text
    case .judged(let judged):
      row.kind = "judged"
      row.trial = judged.trial
      row.numbers = [judged.isAccepted ? 1 : 0, Double(judged.repetitions)] + judged.metrics.map { $0 ?? .nan }
      row.text = Self.lines(judged.reason, judged.evidence)
    case .promoted(let promoted):
      row.kind = "promoted"
      row.trial = promoted.trial
      row.numbers = [Double(promoted.place), Double(promoted.version)] + (promoted.replaces.map { [Double($0)] } ?? [])
      row.text = promoted.name
    case .closed(let closing):
      row.kind = "closed"
      row.text = Self.lines(closing.status.rawValue, closing.reason)
    case .described(let description):
      Self.put(description, into: &row)
    case .learnt(let learnt): Self.put(learnt, into: &row)
    case .imported(let imported):
      row.kind = "imported"
      row.numbers = [Double(imported.number)]
      row.text = Self.lines(imported.digest, imported.by, imported.file)
    }
    return row
  }

  private static func lines(_ parts: String...) -> String { parts.joined(separator: "\n") }

  private static func put(_ operation: Decision.Operation, into row: inout LogRow, _ reason: String) {
    switch operation {
    case .pause: row.text = lines("pause", "", reason)
    case .resume: row.text = lines("resume", "", reason)
    case .stop(let isHard): row.text = lines("stop", isHard ? "hard" : "", reason)
    case .answer(let stage, let answer):
      row.numbers.append(Double(stage))
      row.text = lines("answer", answer, reason)
    case .enqueue(let point):
      row.numbers += point.coordinates
      row.text = lines("enqueue", "", reason)
    case .withdraw(let point):
      row.numbers += point.coordinates
      row.text = lines("withdraw", "", reason)
    case .veto(let point, let isVetoed):
      row.numbers += point.coordinates
      row.text = lines("veto", isVetoed ? "out" : "in", reason)
    case .exclude(let trial, let isExcluded):
      row.trial = trial
      row.text = lines("exclude", isExcluded ? "out" : "in", reason)
    case .restrict(let text): row.text = lines("restrict", text, reason)
    case .lift(let text): row.text = lines("lift", text, reason)
    case .pin(let parameter, let coordinate):
      row.numbers += [Double(parameter)] + (coordinate.map { [$0] } ?? [])
      row.text = lines("pin", "", reason)
    case .space(let text): row.text = lines("space", text, reason)
    case .strategy(let stage, let text):
      row.numbers.append(Double(stage))
      row.text = lines("strategy", text, reason)
    case .takeOver(let isTaken): row.text = lines("take-over", isTaken ? "" : "back", reason)
    case .budget(let name, let amount):
      if let amount { row.numbers.append(amount) }
      row.text = lines("budget", name, reason)
    case .note(let trial, let text):
      row.trial = trial
      row.text = lines("note", "", text)
    case .forget(let isForgotten): row.text = lines("forget", isForgotten ? "out" : "in", reason)
    case .relate(let name, let relation):
      row.numbers += relation.map { [Double(Self.code($0))] } ?? []
      row.text = lines("relate", name, reason)
    }
  }

  package init?(_ row: LogRow) {
    guard let fact = Self.fact(row) else { return nil }
    guard row.actor != "engine:engine" else {
      self.init(at: row.at, actor: .engine, fact)
      return
    }
    let actor = row.actor.parts(":", 2)
    guard actor.count == 2, let kind = Actor.Kind(rawValue: actor[0]) else { return nil }
    self.init(at: row.at, actor: Actor(kind, actor[1]), fact)
  }

  private static func parts(_ text: String, _ count: Int) -> [String]? {
    let parts = text.parts("\n", count)
    return parts.count == count ? parts : nil
  }

  /// What a decision has besides its three lines comes before them: `@undoes 12`, `@role risk-officer`.
  private static func attributes(_ decision: Decision) -> String {
    (decision.undoes.map { "@undoes \($0)\n" } ?? "") + (decision.role.map { "@role \($0)\n" } ?? "")
  }

  /// Nil: there is one that this version does not know.
  private static func takeAttributes(_ text: inout String) -> (undoes: Int?, role: String?)? {
    var (undoes, role): (Int?, String?) = (nil, nil)
    while text.hasPrefix("@"), let line = parts(text, 2) {
      if line[0].hasPrefix("@undoes "), let entry = Int(line[0].dropFirst(8)) {
        undoes = entry
      } else if line[0].hasPrefix("@role ") {
        role = String(line[0].dropFirst(6))
      } else {
        return nil
      }
      text = line[1]
    }
    return (undoes, role)
  }

  private static func fact(_ row: LogRow) -> Fact? {
    func parts(_ count: Int) -> [String]? { Self.parts(row.text, count) }
    switch row.kind {
    case "proposed": return parts(3).flatMap { proposed(row, $0) }
    case "ended": return parts(3).flatMap { ended(row, $0) }
    case "stage": return stage(row)
    case "decided":
      var row = row
      guard let (undoes, role) = takeAttributes(&row.text), let parts = Self.parts(row.text, 3),
        let basis = row.numbers.first.flatMap(whole), let operation = operation(row, parts[0], parts[1], parts[2])
      else { return nil }
      return .decided(
        Decision(
          operation, reason: parts[0] == "note" ? "" : parts[2], basis: basis, undoes: undoes, role: role))
    case "judged":
      guard let parts = parts(2), row.numbers.count >= 2, let repetitions = whole(row.numbers[1]) else { return nil }
      return .judged(
        Judged(
          trial: row.trial, isAccepted: row.numbers[0] == 1, metrics: row.numbers[2...].map { $0.isNaN ? nil : $0 },
          repetitions: repetitions, reason: parts[0], evidence: parts[1]))
    case "promoted":
      guard let trial = row.trial, row.numbers.count >= 2, let place = whole(row.numbers[0]),
        let version = whole(row.numbers[1])
      else { return nil }
      return .promoted(
        Promoted(
          place: place, trial: trial, name: row.text, version: version,
          replaces: row.numbers.count > 2 ? whole(row.numbers[2]) : nil))
    case "closed":
      guard let parts = parts(2), let status = Closing.Status(rawValue: parts[0]) else { return nil }
      return .closed(Closing(status, parts[1]))
    case "described", "learnt", "imported": return knowledge(row)
    default: return nil
    }
  }

  private static func whole(_ number: Double) -> Int? { Int(exactly: number) }

  private static func proposed(_ row: LogRow, _ parts: [String]) -> Fact? {
    guard let trial = row.trial, row.numbers.count >= 3, let stage = whole(row.numbers[0]),
      let round = whole(row.numbers[1]), let width = whole(row.numbers[2]), width >= 0, row.numbers.count >= 3 + width,
      let source = Proposed.Source(rawValue: parts[0])
    else { return nil }
    return .proposed(
      Proposed(
        trial: trial, stage: stage, round: round, point: Point(Array(row.numbers[3..<3 + width])),
        memo: Array(row.numbers[(3 + width)...]), seed: Int64(parts[1]), source: source, reason: parts[2]))
  }

  private static func ended(_ row: LogRow, _ parts: [String]) -> Fact? {
    guard let trial = row.trial, row.numbers.count >= 4, let ran = whole(row.numbers[1]),
      let reused = whole(row.numbers[2]), let count = whole(row.numbers[3]), count >= 0, row.numbers.count >= 4 + count,
      let outcome = Ended.Outcome(rawValue: parts[0])
    else { return nil }
    return .ended(
      Ended(
        trial: trial, outcome, metrics: row.numbers[4..<4 + count].map { $0.isNaN ? nil : $0 },
        curve: Array(row.numbers[(4 + count)...]), run: Int64(parts[1]), taskSeconds: row.numbers[0],
        calls: (ran, reused), message: parts[2]))
  }

  private static func stage(_ row: LogRow) -> Fact? {
    guard let stage = row.numbers.first.flatMap(whole) else { return nil }
    let parts = row.text.parts("\n", 2)
    let rest = parts.count > 1 ? parts[1] : ""
    switch parts.first {
    case "began": return .stage(stage, .began(evidence: rest))
    case "again": return .stage(stage, .again)
    case "skipped": return .stage(stage, .skipped(rest))
    case "ended": return .stage(stage, .ended(rest))
    default: return nil
    }
  }

  private static func operation(
    _ row: LogRow, _ word: String, _ argument: String, _ text: String
  ) -> Decision.Operation? {
    switch word {
    case "pause": return .pause
    case "resume": return .resume
    case "stop": return .stop(isHard: argument == "hard")
    case "answer":
      guard row.numbers.count > 1, let stage = whole(row.numbers[1]) else { return nil }
      return .answer(stage: stage, argument)
    case "enqueue": return .enqueue(Point(Array(row.numbers.dropFirst())))
    case "withdraw": return .withdraw(Point(Array(row.numbers.dropFirst())))
    case "veto": return .veto(Point(Array(row.numbers.dropFirst())), argument == "out")
    case "exclude": return row.trial.map { .exclude(trial: $0, argument == "out") }
    case "restrict": return .restrict(argument)
    case "lift": return .lift(argument)
    case "pin":
      guard row.numbers.count > 1, let parameter = whole(row.numbers[1]) else { return nil }
      return .pin(parameter: parameter, row.numbers.count > 2 ? row.numbers[2] : nil)
    case "space": return .space(argument)
    case "strategy":
      guard row.numbers.count > 1, let stage = whole(row.numbers[1]) else { return nil }
      return .strategy(stage: stage, argument)
    case "take-over": return .takeOver(argument != "back")
    case "budget": return .budget(argument, row.numbers.count > 1 ? row.numbers[1] : nil)
    case "note": return .note(trial: row.trial, text)
    case "forget": return .forget(argument == "out")
    case "relate":
      return .relate(argument, row.numbers.count > 1 ? whole(row.numbers[1]).flatMap(relation) : nil)
    default: return nil
    }
  }
}

extension String {
  /// At most so many parts, of which the last one has the rest. By bytes: a log has hundreds of thousands of entries.
  fileprivate func parts(_ separator: Unicode.Scalar, _ count: Int) -> [String] {
    utf8.split(separator: UInt8(ascii: separator), maxSplits: count - 1, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }
}
