package import Events
package import Values

/// Why a call ran, or did not have to, walked back to what was really changed.
package struct Why: Sendable {
  /// The call that was asked about first; each of the others is the reason of one before it.
  package var explanations: [Explanation]
  package var run: RunNumber
  /// The run that it is compared with.
  package var baseline: RunNumber?

  /// What was really changed, each once, in the order in which the walk came to it.
  package var roots: [(call: Int, cause: Cause)] {
    var seen: Set<String> = []
    return explanations.enumerated().flatMap { index, explanation in
      explanation.changes.flatMap(\.causes).filter { cause in
        guard let identity = cause.rootIdentity(index) else { return false }
        return seen.insert(identity).inserted
      }.map { (index, $0) }
    }
  }
}

/// Of one call.
package struct Explanation: Sendable {
  package enum Reason: Sendable, Equatable {
    /// All components of its key are those of a call of that run.
    case reused(from: RunNumber)
    case skipped(NodeSkipped.Why)
    /// Its task does not promise that the result depends on its inputs alone.
    case notPure
    /// The step says `reuse never`.
    case reuseNever
    /// The step says `reuse AGE`, and the result of that run was older.
    case expired(age: String, run: RunNumber)
    /// The run took no recorded results: `--no-reuse`, or what implies it.
    case noReuse(String)
    /// An input could not be identified.
    case noKey
    /// No earlier run has such a call.
    case first
    /// The same call is on record, but it failed there.
    case failedBefore(RunNumber)
    /// The same call is on record, but its result could not be had: an artifact of it is gone.
    case lost(RunNumber)
    /// Components of its key are others than in any earlier call.
    case changed
  }

  package var call: CallName
  package var task: String
  package var reason: Reason
  /// The earlier call that it is compared with.
  package var baseline: RunNumber?
  /// The components that differ, in the order of the key.
  package var changes: [Change]
  /// The components that do not.
  package var same: [String]
}

/// A component of a task key that is another one.
package struct Change: Sendable {
  /// `task`, `code`, `inputs.train`, `seed`; `result` for a call that gave something else under the same key.
  package var component: String
  /// Nil: there was or is none.
  package var before: Digest?
  package var after: Digest?
  package var causes: [Cause]
}

/// What a call was given for a parameter, by what the document says.
package struct GivenArgument: Sendable, Equatable {
  package var task: String
  /// Nil where the record does not have it.
  package var text: String?
  package var isDefault: Bool

  package init(task: String, text: String?, isDefault: Bool) {
    self.task = task
    self.text = text
    self.isDefault = isDefault
  }
}

package enum Cause: Sendable, Equatable {
  /// Another task or version: `std.table.split 1.0.0`.
  case task(before: String, after: String)
  case code(CodeDifference)
  case seed(before: UInt64, after: UInt64)
  /// An input of the workflow.
  case input(name: String, before: NamedContent?, after: NamedContent?)
  /// What the document says at a place (`fit: trees`); nil: nothing.
  case document(place: String, before: String?, after: String?)
  /// Another argument although the document may be the same: another variant or task was called, or a default came in.
  /// Nil: its task has no such parameter. A root unless it came with another variant or task.
  case argument(place: String, before: GivenArgument?, after: GivenArgument?, isRoot: Bool)
  case variant(step: String, before: String, after: String)
  /// A file that the document names has other contents.
  case file(place: String, text: String)
  /// An output of another call, explained there (index into `Why.explanations`).
  case upstream(Int, port: String)
  /// More calls of a step that are not explained one by one.
  case more(step: String, count: Int)
  /// A call that gave another result under the same key, or that is not pure.
  case ranAgain(CallName, isDeterministic: Bool)
  /// A call that was skipped in one of the runs.
  case skipped(CallName, before: Bool)
  /// The record does not say.
  case unknown

  /// Nil: no root. The same root may be met in several calls; one that is about the call itself counts for each.
  fileprivate func rootIdentity(_ call: Int) -> String? {
    switch self {
    case .upstream, .more: nil
    case .argument(let place, _, _, let isRoot): isRoot ? "document \(place)" : nil
    case .input(let name, _, _): "input \(name)"
    case .code(let code): "code \(code.before.hex) \(code.after.hex)"
    case .seed: "seed"
    case .variant(let step, _, _): "variant \(step)"
    case .document(let place, _, _): "document \(place)"
    case .ranAgain(let call, _): "again \(call)"
    case .task(let before, let after): "task \(before) \(after)"
    case .file, .skipped, .unknown: "\(self) \(call)"
    }
  }
}
