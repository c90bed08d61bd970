import Events
import Execution
import Tasks
import Values
import Workflows

/// A random workflow, and what each of its steps must give: computed here with plain arithmetic, one step after another.
struct RandomProgram {
  private(set) var steps: [Step] = []
  /// By step; null: missing.
  private(set) var expected: [Value] = []
  /// The steps that give an int, or nothing.
  private var numbers: [Int] = []
  private var random: SplitMix

  /// The tasks that the steps call, by number.
  static let tasks = [
    installed("number", inputs: [Port("a", .int(nil))]),
    installed("mix", inputs: [Port("a", .int(nil)), Port("b", .int(nil))]),
    installed("fold", inputs: [Port("items", .list(.int(nil)))]),
    installed("flaky", inputs: [Port("a", .int(nil))], traits: []),
    installed("fails", inputs: [Port("a", .int(nil))], traits: []),
  ]

  /// Neither symmetric nor associative: an input of another step, item or order gives another number.
  static func mix(_ a: Int64, _ b: Int64) -> Int64 { (a &* 31 &+ b &* 17 &+ 7) % 1_000_003 }
  static func fold(_ items: [Int64]) -> Int64 { items.reduce(1, mix) }

  /// `mix` twice: a workflow that steps call, flattened where there is no `foreach`.
  static let inner = workflow(
    "inner", inputs: ["x", "y"],
    steps: [
      step("once", .task(1), [("a", expression(.input(0))), ("b", expression(.input(1)))]),
      step("twice", .task(1), [("a", output(0)), ("b", expression(.input(0)))]),
    ], outputs: [("value", output(1))])
  static func inner(_ x: Int64, _ y: Int64) -> Int64 { mix(mix(x, y), x) }

  init(seed: UInt64) {
    random = SplitMix(state: seed &* 0x9E37_79B9 &+ 11)
    add(step("s0", .task(0), [("a", literal(.int(5)))]), 5)
    let count = 4 + random.below(44)
    while steps.count < count { grow() }
  }

  var program: Program {
    let outputs = steps.indices.map { ("o\($0)", output($0)) }
    return Program(
      workflows: [workflow("random", steps: steps, outputs: outputs), Self.inner], tasks: Self.tasks, files: [])
  }

  private mutating func add(_ step: Step, _ value: Int64?) {
    numbers.append(steps.count)
    steps.append(step)
    expected.append(value.map { .int($0) } ?? .null)
  }

  /// A step from before, as an int: by `?? 3` where it can be missing.
  private mutating func source() -> (Expression, Int64) {
    let index = numbers[random.below(numbers.count)]
    let orThree = expression(.binary(.coalesce, output(index), literal(.int(3))))
    guard let number = expected[index].asInt else { return (orThree, 3) }
    return (random.below(3) == 0 ? orThree : output(index), number)
  }

  private mutating func grow() {
    let name = "s\(steps.count)"
    let (a, x) = source()
    let (b, y) = source()
    switch random.below(9) {
    case 0: add(step(name, .task(0), [("a", a)]), x)
    case 1...3: add(step(name, .task(1), [("a", a), ("b", b)]), Self.mix(x, y))
    case 4: loop(name, .task(1), ["a", "b"], b, y, Self.mix)
    case 5: loop(name, .workflow(1), ["x", "y"], b, y, Self.inner)
    case 6: add(step(name, .workflow(1), [("x", a), ("y", b)]), Self.inner(x, y))
    case 7:
      let condition = expression(.binary(.less, a, b), .bool)
      add(step(name, .task(1), [("a", a), ("b", b)], when: condition), x < y ? Self.mix(x, y) : nil)
    default: trouble(name, a, x)
    }
  }

  /// `foreach` over a range, and a step that takes the list in order.
  private mutating func loop(
    _ name: String, _ callee: Step.Callee, _ inputs: [String], _ other: Expression, _ y: Int64,
    _ body: (Int64, Int64) -> Int64
  ) {
    let count = random.below(9)
    let items = expression(.call(.range, [literal(.int(Int64(count)))]))
    let limit = random.below(3) == 0 ? 1 + random.below(3) : nil
    let each = step(
      name, callee, [(inputs[0], expression(.binding(0))), (inputs[1], other)],
      foreach: Step.Foreach(bindings: ["i"], source: items, limit: limit))
    let list = (0..<Int64(count)).map { body($0, y) }
    steps.append(each)
    expected.append(.list(list.map { .int($0) }))
    add(step("\(name)_fold", .task(2), [("items", output(steps.count - 1))]), Self.fold(list))
  }

  /// A step that works at its third attempt, or fails and is skipped.
  private mutating func trouble(_ name: String, _ a: Expression, _ x: Int64) {
    var options = StepOptions()
    if random.below(2) == 0 {
      options.retries = 3
      options.backoff = (.nanoseconds(1), .nanoseconds(1))
      add(step(name, .task(3), [("a", a)], options: options), x)
    } else {
      options.onFailure = .skip
      add(step(name, .task(4), [("a", a)], options: options), nil)
    }
  }
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
