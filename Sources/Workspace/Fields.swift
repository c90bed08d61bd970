package import Experiments
package import Values

/// The members of a JSON object, each taken as what it has to be.
package struct Fields: Sendable {
  package let members: [JSON.Member]

  package init(_ members: [JSON.Member]) { self.members = members }

  package func has(_ name: String) -> Bool { value(name) != nil }

  /// A field that is `null` is not there.
  private func value(_ name: String) -> JSON? {
    let value = members.first { $0.name == name }?.value
    return value == .null ? nil : value
  }

  private func missing(_ name: String, _ what: String) -> WorkspaceError {
    let found = value(name).map { ", not \($0.kindName)" } ?? ", and is missing"
    return WorkspaceError(.usage, "`\(name)` is \(what)\(found)")
  }

  package func text(_ name: String) throws(WorkspaceError) -> String {
    guard let text = value(name)?.asString else { throw missing(name, "a string") }
    return text
  }

  package func optionalText(_ name: String) throws(WorkspaceError) -> String { has(name) ? try text(name) : "" }

  package func flag(_ name: String) throws(WorkspaceError) -> Bool {
    guard has(name) else { return false }
    guard let flag = value(name)?.asBool else { throw missing(name, "a boolean") }
    return flag
  }

  package func optionalInteger(_ name: String, in range: ClosedRange<Int>) throws(WorkspaceError) -> Int? {
    guard has(name) else { return nil }
    guard let number = value(name)?.asInt.flatMap({ Int(exactly: $0) }), range.contains(number) else {
      throw missing(name, "a whole number of at least \(range.lowerBound)")
    }
    return number
  }

  package func optionalAmount(_ name: String) throws(WorkspaceError) -> Double? {
    guard has(name) else { return nil }
    guard let number = value(name)?.asDouble, number.isFinite, number >= 0, number <= 1e15 else {
      throw missing(name, "a number from 0 to 1e15")
    }
    return number
  }

  package func trial(of study: Study) throws(WorkspaceError) -> Int {
    guard let trial = try optionalInteger("trial", in: 1...Int.max) else { throw missing("trial", "a whole number") }
    guard study.trials.contains(where: { $0.number == trial }) else {
      throw WorkspaceError(.notFound, "there is no trial \(trial)")
    }
    return trial
  }
}
