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
    // `7.0` is a whole number of JSON, too.
    guard let number = value(name)?.asWhole, range.contains(number) else {
      throw missing(name, "a whole number of at least \(range.lowerBound)")
    }
    return number
  }

  package func optionalDouble(_ name: String) throws(WorkspaceError) -> Double? {
    guard has(name) else { return nil }
    guard let number = value(name)?.asDouble else { throw missing(name, "a number") }
    return number
  }

  package func number(_ name: String) throws(WorkspaceError) -> Int {
    guard let number = try optionalInteger(name, in: 1...Int.max) else { throw missing(name, "a whole number") }
    return number
  }

  package func texts(_ name: String) throws(WorkspaceError) -> [String] {
    guard let items = value(name)?.asArray else { throw missing(name, "an array of strings") }
    let texts = items.compactMap(\.asString)
    guard texts.count == items.count, !texts.isEmpty else { throw missing(name, "an array of strings") }
    return texts
  }

  /// A string, number or boolean, as people write it on a command line.
  package func plain(_ name: String) throws(WorkspaceError) -> String {
    guard let text = value(name).flatMap(Self.plain) else { throw missing(name, "a string, a number or a boolean") }
    return text
  }

  /// An object of such values, as `name=value`; none where it is not there.
  package func settings(_ name: String) throws(WorkspaceError) -> [String] {
    guard has(name) else { return [] }
    guard let members = value(name)?.asObject else { throw missing(name, "an object") }
    let settings = members.compactMap { member in Self.plain(member.value).map { "\(member.name)=\($0)" } }
    guard settings.count == members.count else {
      throw missing(name, "an object of strings, numbers and booleans")
    }
    return settings
  }

  private static func plain(_ value: JSON) -> String? {
    if let text = value.asString { return text }
    return value.asBool != nil || value.asDouble != nil ? value.compact : nil
  }
}

extension JSON {
  fileprivate var asWhole: Int? { asInt.flatMap { Int(exactly: $0) } ?? asDouble.flatMap { Int(exactly: $0) } }
}
