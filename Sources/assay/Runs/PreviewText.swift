internal import Events
internal import Execution
internal import Plans
internal import Tasks
internal import Values

/// What a run would do, as the command line shows it.
struct PreviewText {
  /// Calls of a step that share their fate.
  struct Row: Equatable {
    var step: Int
    var calls: Int
    var would: String
    var why: String
  }

  let plan: Plan
  let nodes: [Preview.Node]

  init(_ preview: Preview, _ plan: Plan) {
    self.plan = plan
    nodes = preview.nodes
  }

  private var rows: [Row] {
    var rows: [[Row]] = Array(repeating: [], count: plan.taskSteps.count)
    for node in nodes where rows.indices.contains(node.step) {
      let (would, why) = (Self.would(node.fate), Self.why(node.fate))
      if let index = rows[node.step].firstIndex(where: { $0.would == would && $0.why == why }) {
        rows[node.step][index].calls += 1
      } else {
        rows[node.step].append(Row(step: node.step, calls: 1, would: would, why: why))
      }
    }
    return RunModel.order(plan).flatMap { rows[$0] }
  }

  func table(_ glyphs: Glyphs) -> TextTable {
    var table = TextTable([
      .init(title: "STEP", isElastic: true), .init(title: "CALLS", isNumber: true), .init(title: "WOULD"),
      .init(title: "WHY", isElastic: true), .init(title: "TASK", rank: 1, isElastic: true),
    ])
    for row in rows {
      let (glyph, style): (String, Style) =
        switch row.would {
        case "run": (glyphs.running, .active)
        case "reuse": (glyphs.reused, .good)
        default: (glyphs.skipped, .faint)
        }
      table.add([
        .init(plan.step(row.step).path), .init(String(row.calls)), .init("\(glyph) \(row.would)", style),
        .init(row.why, .faint), .init(task(row.step)),
      ])
    }
    return table
  }

  var sums: String {
    let rows = rows
    func calls(_ would: String) -> Int { rows.reduce(0) { $0 + ($1.would == would ? $1.calls : 0) } }
    let skipped = calls("skip")
    return "\(Text.count(calls("run"), "call")) would run, \(calls("reuse")) reused"
      + (skipped > 0 ? ", \(skipped) skipped" : "")
  }

  /// The content of `assay.plan/1`.
  var parts: [JSON.Part] {
    [
      .member("workflow", .string(plan.workflow)),
      .member("variants", .object(plan.variants.map { .init($0.step, .string($0.variant)) })),
      .list("calls", count: nodes.count) { json(nodes[$0]) },
    ]
  }

  private func json(_ node: Preview.Node) -> JSON {
    var members: [JSON.Member] = [
      .init("step", .string(plan.step(node.step).path)), .init("item", .string(node.item)),
      .init("task", .string(task(node.step))), .init("would", .string(Self.would(node.fate))),
    ]
    if case .reused(let run) = node.fate { members.append(.init("from_run", .int(run))) }
    members.append(.init("why", .string(Self.why(node.fate))))
    if let key = node.key { members.append(.init("key", .string("sha256:" + key.digest.hex))) }
    return .object(members)
  }

  private func task(_ number: Int) -> String {
    guard case .task(let index) = plan.step(number).call else { return "" }
    return plan.tasks[index].signature.id
  }

  private static func would(_ fate: Preview.Fate) -> String {
    switch fate {
    case .reused: "reuse"
    case .runs: "run"
    case .skipped: "skip"
    }
  }

  private static func why(_ fate: Preview.Fate) -> String {
    switch fate {
    case .reused(let run): "result of run \(run)"
    case .runs(let why): why.words
    case .skipped(let skip): NodeSkipped.Why(rawValue: skip.rawValue)?.words ?? skip.rawValue
    }
  }
}

extension Preview.Why {
  var words: String {
    switch self {
    case .notPure: "the task does not promise to be pure"
    case .reuseIsOff: "reuse is off"
    case .neverRan: "no such result yet"
    case .inputsNotKnown: "its inputs are not known yet"
    case .invalid(let message): message
    }
  }
}
