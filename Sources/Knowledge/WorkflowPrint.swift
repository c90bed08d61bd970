package import Values

/// The fingerprint of a workflow: which tasks it calls, and how they hang together. Constants do not matter.
package struct WorkflowPrint: Sendable, Equatable {
  /// Each once, in alphabetical order.
  package var tasks: [String] = []
  /// Of steps, variants, tasks and references; empty: unknown.
  package var wiring = ""

  package init(tasks: [String] = [], wiring: String = "") {
    self.tasks = tasks
    self.wiring = wiring
  }

  package func isSame(as other: WorkflowPrint) -> Bool { !wiring.isEmpty && wiring == other.wiring }

  /// The share of tasks that both call, of those that one of them does; nil when nothing is known.
  package func similarity(to other: WorkflowPrint) -> Double? {
    if isSame(as: other) { return 1 }
    let (a, b) = (Set(tasks), Set(other.tasks))
    let all = a.union(b).count
    return all > 0 ? Double(a.intersection(b).count) / Double(all) : nil
  }

  package var json: JSON {
    .object([.init("tasks", .array(tasks.map { .string($0) })), .init("wiring", .string(wiring))])
  }

  package init(json: JSON) {
    self.init(tasks: json["tasks"]?.asArray?.compactMap(\.asString) ?? [], wiring: json["wiring"]?.asString ?? "")
  }
}
