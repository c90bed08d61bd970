package import Events

/// A fact about the machine or the process that is another one.
package struct FactDifference: Sendable, Equatable {
  package var group: Fact.Group
  package var name: String
  /// Nil: not known, or not set.
  package var before: String?
  package var after: String?

  /// In the order of the later facts, then those that are gone.
  package static func between(_ before: [Fact], _ after: [Fact]) -> [FactDifference] {
    func table(_ facts: [Fact]) -> [String: String] {
      Dictionary(facts.map { ("\($0.group) \($0.name)", $0.value) }) { first, _ in first }
    }
    let (old, new) = (table(before), table(after))
    var seen: Set<String> = []
    return (after + before).compactMap { fact in
      let key = "\(fact.group) \(fact.name)"
      guard seen.insert(key).inserted, old[key] != new[key] else { return nil }
      return FactDifference(group: fact.group, name: fact.name, before: old[key], after: new[key])
    }
  }

  /// `OMP_NUM_THREADS was 8, is 2`.
  package var words: String {
    switch (before, after) {
    case (let before?, let after?) where before.hasPrefix("digest ") && after.hasPrefix("digest "):
      "\(name) has another value"
    case (let before?, let after?): "\(name) was \(before), is \(after)"
    case (let before?, nil):
      before.hasPrefix("digest ") ? "\(name) was set, is not" : "\(name) was \(before), is not set"
    case (nil, let after?): after.hasPrefix("digest ") ? "\(name) was not set, is" : "\(name) was not set, is \(after)"
    case (nil, nil): name
    }
  }
}
