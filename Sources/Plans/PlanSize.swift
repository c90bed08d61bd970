internal import Workflows

/// How many steps a workflow unfolds into. Calls multiply: forty workflows that call the one before twice are a trillion steps,
/// which nobody means and no memory holds.
struct PlanSize {
  static let maximum = 4_000_000

  private let program: Program
  /// By workflow; nil: not known yet.
  private var sizes: [Int?]

  init(_ program: Program) {
    self.program = program
    sizes = Array(repeating: nil, count: program.workflows.count)
  }

  /// With the largest variant of each step, and no more than a little above `maximum`. O(size of the documents).
  mutating func steps(of workflow: Int, depth: Int = 0) -> Int {
    if let known = sizes[workflow] { return known }
    // Of one that calls itself, or is nested too deeply, the planner tells.
    guard depth < 64 else { return 0 }
    sizes[workflow] = 0
    var total = 1
    for step in program.workflows[workflow].steps {
      var largest = 1
      for variant in step.variants {
        guard case .workflow(let callee) = variant.callee else { continue }
        largest = max(largest, 1 + steps(of: callee, depth: depth + 1))
      }
      total = min(total + largest, Self.maximum + 1)
    }
    sizes[workflow] = total
    return total
  }
}
