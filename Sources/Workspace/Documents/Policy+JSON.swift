package import Experiments
package import Values

extension PolicyEntry {
  /// The members of `assay.policy.event/1`.
  package func members(of policy: String) -> [JSON.Member] {
    var members: [JSON.Member] = [.init("policy", .string(policy)), .init("at", .string(Moment.iso(at)))]
    func add(_ kind: String, _ act: PolicyAct?, cause: String? = nil, _ reason: String) {
      members.append(.init("kind", .string(kind)))
      if let cause { members.append(.init("cause", .string(cause))) }
      if let act { members.append(.init(act.kind.rawValue, .int(Int64(act.number)))) }
      members.append(.init("reason", .string(reason)))
    }
    switch fact {
    case .quiet(let cause, let reason, _): add("quiet", nil, cause: cause, reason)
    case .acted(let cause, let reason, _, let act): add("acted", act, cause: cause, reason)
    case .ended(let act, let reason): add("ended", act, reason)
    case .waits(let act, let reason): add("waits", act, reason)
    case .failed(let reason): add("failed", nil, reason)
    }
    return members
  }

  /// On a line.
  package var words: String {
    switch fact {
    case .quiet(let cause, let reason, _): "looked (\(cause)): \(reason)"
    case .acted(let cause, let reason, _, let act):
      "looked (\(cause)): \(reason); began \(act.kind.rawValue) \(act.number)"
    case .ended(let act, let reason): "\(act.kind.rawValue) \(act.number) ended: \(reason)"
    case .waits(let act, let reason): "\(act.kind.rawValue) \(act.number) waits: \(reason)"
    case .failed(let reason): "failed: \(reason)"
    }
  }
}
