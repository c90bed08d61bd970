internal import Comparisons
internal import Events
internal import Values

/// An explanation as the command line shows it: the root causes first, then the way to them.
struct WhyText {
  let why: Why
  init(_ why: Why) { self.why = why }

  /// Calls deeper than this are summed up: the causes behind them are at the top.
  private static let depth = 10

  func text(_ paint: Paint, _ glyphs: Glyphs) -> String {
    guard let first = why.explanations.first else { return "" }
    var text = paint(first.call.description, .strong) + " " + headline(first) + "\n"
    let roots = why.roots
    if !roots.isEmpty {
      text += "\n" + paint("root cause" + (roots.count == 1 ? "" : "s"), .strong) + "\n"
      for (index, cause) in roots {
        let at = index == 0 ? "" : paint("  (at \(why.explanations[index].call))", .faint)
        for (line, words) in CauseText(why).lines(cause).enumerated() {
          text += (line == 0 ? "  \(glyphs.running) " : "      ") + Text.harmless(words) + (line == 0 ? at : "") + "\n"
        }
      }
    }
    guard !first.changes.isEmpty else { return text + same(first) }
    var seen: Set<Int> = []
    text += "\n" + call(0, paint)
    text += branches(0, "", 1, &seen, paint, glyphs)
    return text + same(first)
  }

  private func headline(_ first: Explanation) -> String {
    let run = "run \(why.run)"
    return switch first.reason {
    case .reused(let source):
      "was not run in \(run): it took the result of run \(source), all \(first.same.count) components of its key are the same"
    case .skipped(let why): "was skipped in \(run): \(why.words)"
    case .notPure: "ran in \(run), as it always does: its task does not promise to be pure"
    case .reuseNever: "ran in \(run), as it always does: the step says `reuse never`"
    case .expired(let age, let source): "ran in \(run): the result of run \(source) is older than `reuse \(age)` allows"
    case .noReuse(let reason): "ran in \(run), because nothing was reused: \(reason)"
    case .noKey: "ran in \(run): one of its inputs cannot be identified"
    case .first: "ran in \(run): no earlier run has this call"
    case .failedBefore(let source): "ran in \(run): the same call failed in run \(source), and failures are not reused"
    case .lost(let source): "ran in \(run): the same call is in run \(source), but its result cannot be had any more"
    case .changed:
      "ran in \(run): \(first.changes.count) of \(first.changes.count + first.same.count) components of its key "
        + "changed since run \(first.baseline ?? 0)"
    }
  }

  private func same(_ explanation: Explanation) -> String {
    guard explanation.baseline != nil, !explanation.same.isEmpty else { return "" }
    return "\nthe same: \(explanation.same.joined(separator: ", "))\n"
  }

  private func call(_ index: Int, _ paint: Paint) -> String {
    let explanation = why.explanations[index]
    var notes: [String] = [explanation.task]
    if let baseline = explanation.baseline, index == 0 { notes.append("compared with run \(baseline)") }
    if index > 0 {
      switch explanation.reason {
      case .reused(let run): notes.append("result of run \(run)")
      case .first: notes.append("new")
      case .notPure: notes.append("not pure")
      default: break
      }
    }
    return paint(explanation.call.description, .strong) + "  " + paint(notes.joined(separator: ", "), .faint) + "\n"
  }

  private func branches(
    _ index: Int, _ lead: String, _ depth: Int, _ seen: inout Set<Int>, _ paint: Paint, _ glyphs: Glyphs
  ) -> String {
    seen.insert(index)
    var text = ""
    let lines = why.explanations[index].changes.flatMap { change in change.causes.map { (change.component, $0) } }
    for (position, (component, cause)) in lines.enumerated() {
      let isLast = position == lines.count - 1
      let isFirst = position == 0 || lines[position - 1].0 != component
      let words = CauseText(why).lines(cause)
      text += lead + glyphs.branch(isLast) + (isFirst ? component + ": " : "") + Text.harmless(words.first ?? "") + "\n"
      let inner = lead + glyphs.stem(isLast)
      for line in words.dropFirst() { text += inner + "  " + Text.harmless(line) + "\n" }
      guard case .upstream(let next, _) = cause else { continue }
      if seen.contains(next) {
        text += inner + glyphs.branch(true) + "\(why.explanations[next].call): see above\n"
      } else if depth == Self.depth {
        text += inner + glyphs.branch(true) + "\(glyphs.ellipsis) and so on, back to the root causes\n"
      } else {
        text += inner + glyphs.branch(true) + call(next, paint)
        text += branches(next, inner + glyphs.stem(true), depth + 1, &seen, paint, glyphs)
      }
    }
    return text
  }

  // MARK: JSON

  var members: [JSON.Member] {
    var members: [JSON.Member] = [.init("run", .int(why.run))]
    if let first = why.explanations.first {
      members += [.init("step", .string(first.call.path)), .init("item", .string(first.call.item))]
      members += Self.members(first.reason)
    }
    members.append(.init("compared_with", why.explanations.first?.baseline.map { .int($0) } ?? .null))
    members.append(
      .init("roots", .array(why.roots.map { .object([name("call", $0.call)] + CauseText(why).members($0.cause)) })))
    members.append(.init("calls", .array(why.explanations.map(json))))
    return members
  }

  private func name(_ member: String, _ index: Int) -> JSON.Member {
    .init(member, .string(why.explanations[index].call.description))
  }

  private func json(_ explanation: Explanation) -> JSON {
    .object(
      [
        .init("step", .string(explanation.call.path)), .init("item", .string(explanation.call.item)),
        .init("task", .string(explanation.task)),
      ] + Self.members(explanation.reason) + [
        .init("compared_with", explanation.baseline.map { .int($0) } ?? .null),
        .init("changes", .array(explanation.changes.map(json))),
        .init("same", .array(explanation.same.map { .string($0) })),
      ])
  }

  private func json(_ change: Change) -> JSON {
    .object([
      .init("component", .string(change.component)),
      .init("before", change.before.map { .string("sha256:" + $0.hex) } ?? .null),
      .init("after", change.after.map { .string("sha256:" + $0.hex) } ?? .null),
      .init("causes", .array(change.causes.map { .object(CauseText(why).members($0)) })),
    ])
  }

  private static func members(_ reason: Explanation.Reason) -> [JSON.Member] {
    func one(_ name: String, _ more: JSON.Member...) -> [JSON.Member] { [.init("reason", .string(name))] + more }
    return switch reason {
    case .reused(let run): one("reused", .init("from_run", .int(run)))
    case .skipped(let why): one("skipped", .init("why", .string(why.rawValue)))
    case .notPure: one("not_pure")
    case .reuseNever: one("reuse_never")
    case .expired(let age, let run): one("expired", .init("age", .string(age)), .init("from_run", .int(run)))
    case .noReuse(let why): one("no_reuse", .init("why", .string(why)))
    case .noKey: one("no_key")
    case .first: one("first")
    case .failedBefore(let run): one("failed_before", .init("in_run", .int(run)))
    case .lost(let run): one("lost", .init("from_run", .int(run)))
    case .changed: one("changed")
    }
  }
}

extension Glyphs {
  /// In front of the last branch, or of another one.
  func branch(_ isLast: Bool) -> String { done == "✔" ? (isLast ? "└─ " : "├─ ") : (isLast ? "`- " : "|- ") }
  /// In front of what hangs on that branch.
  func stem(_ isLast: Bool) -> String { isLast ? "   " : done == "✔" ? "│  " : "|  " }
}
