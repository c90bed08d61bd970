internal import Diagnostics
internal import Experiments
internal import Values
internal import Workflows

/// `name=value`, as people write settings, amounts and metrics.
package struct Assignment: Sendable {
  package let name: String
  package let text: String

  package init(_ words: String) throws(WorkspaceError) {
    guard let equals = words.firstIndex(of: "="), equals != words.startIndex else {
      throw WorkspaceError(.usage, "`\(words)` is not of the form NAME=VALUE")
    }
    name = String(words[..<equals])
    text = String(words[words.index(after: equals)...])
  }

  static func all(_ words: [String]) throws(WorkspaceError) -> [(name: String, text: String)] {
    var settings: [(name: String, text: String)] = []
    for word in words {
      let one = try Assignment(word)
      settings.append((one.name, one.text))
    }
    return settings
  }
}

/// What people can decide, in their words: checked against the experiment as it is now.
extension Bench {
  /// A configuration that is tried next.
  package func enqueue(_ settings: [String], like: Int?, again: Bool) throws(WorkspaceError) -> Ruling {
    Ruling([.enqueue(try study.allowedPoint(try Assignment.all(settings), like: like, again: again))])
  }

  /// A trial's configuration, or a whole one, is never tried (again); some values forbid a region.
  package func veto(_ target: [String]) throws(WorkspaceError) -> Ruling {
    if target.count == 1, let number = Int(target[0]) { return try veto(trial: number, true) }
    let settings = try Assignment.all(target)
    do throws(ConfigurationError) { return Ruling([.veto(try study.point(settings), true)]) } catch {
      return try veto(where: try saying { () throws(ConfigurationError) in try study.expression(settings) })
    }
  }

  package func veto(trial number: Int, _ isVetoed: Bool) throws(WorkspaceError) -> Ruling {
    Ruling([.veto(try study.trial(number).proposed.point, isVetoed)])
  }

  package func veto(where condition: String) throws(WorkspaceError) -> Ruling {
    let text = "not (\(condition))"
    _ = try read(.constraint(text))
    return Ruling([.restrict(text)])
  }

  package func pin(_ setting: String) throws(WorkspaceError) -> Ruling {
    let setting = try Assignment(setting)
    return try saying { () throws(ConfigurationError) in
      let place = try study.parameter(setting.name)
      return Ruling([.pin(parameter: place, try study.coordinate(of: setting.text, place, isPin: true))])
    }
  }

  package func unpin(_ name: String) throws(WorkspaceError) -> Ruling {
    let place = try saying { () throws(ConfigurationError) in try study.parameter(name) }
    guard study.pin(of: place) != nil else { throw WorkspaceError(.usage, "`\(name)` is not pinned") }
    return Ruling([.pin(parameter: place, nil)])
  }

  /// Lines of a space, all or none.
  package func space(_ lines: [String]) throws(WorkspaceError) -> Ruling {
    for line in lines { _ = try read(.parameter(line)) }
    return Ruling(lines.map { .space($0) })
  }

  package func strategy(of stage: String, _ text: String) throws(WorkspaceError) -> Ruling {
    let place = try study.search(stage)
    _ = try read(.strategy(stage: stage, text))
    return Ruling([.strategy(stage: place, text)])
  }

  package func budget(_ amounts: [String]) throws(WorkspaceError) -> Ruling {
    var operations: [Decision.Operation] = []
    for amount in amounts {
      let amount = try Assignment(amount)
      operations.append(.budget(amount.name, try Self.amount(amount.name, amount.text)))
    }
    return Ruling(operations)
  }

  private static func amount(_ name: String, _ text: String) throws(WorkspaceError) -> Double? {
    let names = ["trials", "wall", "tasks", "parallel", "failures"]
    guard names.contains(name) else {
      throw WorkspaceError(
        .usage, "a budget has no `\(name)`",
        help: nearest(name, names).map { "did you mean `\($0)`?" } ?? "it has \(names.joined(separator: ", "))")
    }
    if text == "none" { return nil }
    if name == "wall" || name == "tasks" {
      guard let duration = DurationLiteral.parse(text) else {
        throw WorkspaceError(.usage, "`\(name)` is a duration such as 2h, not `\(text)`")
      }
      return duration / .seconds(1)
    }
    guard let amount = Int(text), amount >= (name == "parallel" ? 1 : 0), amount <= 1_000_000_000 else {
      throw WorkspaceError(.usage, "`\(name)` is a whole number\(name == "parallel" ? " from 1" : ""), not `\(text)`")
    }
    return Double(amount)
  }

  package func exclude(_ trial: Int, _ isExcluded: Bool) throws(WorkspaceError) -> Ruling {
    _ = try study.trial(trial)
    let exclusion = Decision.Operation.exclude(trial: trial, isExcluded)
    guard isExcluded, let note = try dependents(of: trial).note else { return Ruling([exclusion]) }
    return Ruling([exclusion, .note(trial: trial, note)])
  }

  package func note(_ text: String, trial: Int?) throws(WorkspaceError) -> Ruling {
    if let trial { _ = try study.trial(trial) }
    return Ruling([.note(trial: trial, text)])
  }

  package func takeOver(_ isTaken: Bool) throws(WorkspaceError) -> Ruling {
    guard study.isTakenOver != isTaken else {
      throw WorkspaceError(.usage, isTaken ? "it is taken over already" : "nobody has taken it over")
    }
    return Ruling([.takeOver(isTaken)])
  }

  /// A trial that was made elsewhere, with what it gave.
  package func tell(
    _ settings: [String], like: Int?, metrics: [String], reason: String
  ) throws(WorkspaceError) -> Ruling {
    let point = try study.allowedPoint(try Assignment.all(settings), like: like, again: true)
    let values = try study.metrics(try Assignment.all(metrics))
    guard let stage = study.openSearch else {
      throw WorkspaceError(.usage, "no stage runs that the trial could belong to")
    }
    let number = study.nextTrial
    let words = "told by \(person)" + (reason.isEmpty ? "" : ": \(reason)")
    return Ruling(
      [],
      facts: [
        .proposed(
          Proposed(
            trial: number, stage: stage, round: study.stages[stage].round, point: point, source: .person, reason: words)
        ),
        .ended(Ended(trial: number, .finished, metrics: values, message: words)),
      ])
  }
}
