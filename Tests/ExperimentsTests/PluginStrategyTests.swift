import Diagnostics
import Events
import Plans
import Spaces
import Strategies
import Tasks
import Testing
import Values

@testable import Experiments
@testable import Workflows

/// What strategies of plugins are told, what their answers mean, and how a study goes on with them.
@Suite struct PluginStrategyTests {
  private static func task(_ space: String, _ others: [(String, String)] = []) throws -> InstalledTask {
    var signature = TaskSignature(id: "search.near", version: "1.0.0", traits: [.pure])
    signature.inputs =
      try [("space", space)].map { Port($0.0, try ValueType.parse($0.1)) }
      + others.map { Port($0.0, try ValueType.parse($0.1)) }
    signature.outputs = [Port("point", try ValueType.parse("list<float?>"))]
    return InstalledTask(
      signature: signature, source: PluginSource(kind: .python, path: "/search.py"), index: 0,
      code: Hasher256.digest([7]))
  }

  private static let space = Space([
    Parameter("learn", .choices([.string("logistic"), .string("newton")])),
    Parameter(
      "learn.newton.seed", .axis(Axis(.integers, from: 1, to: 5, step: 2)), when: .init(parameter: 0, choices: [1])),
    Parameter("share", .axis(Axis(.floats, from: 0.2, to: 0.4, step: 0.1))),
    Parameter("rate", .axis(Axis(.floats, from: 0.001, to: 1, isLogarithmic: true))),
    Parameter("depth", .axis(Axis(listed: [.int(2), .int(8)]))),
  ])

  private static func asking(
    _ task: InstalledTask, _ history: [Trial] = [], flattens: Bool = false, objectives: Int = 1
  ) -> Asking {
    var strategy = StrategyTask(task: task)
    strategy.flattens = flattens
    return Asking(
      stage: 0, question: Question(space, seed: 7, trial: history.count + 1, History(history), objectives: objectives),
      call: .init(name: "search.near", options: [("reach", .int(2))], span: .init(0, 0)), strategy: strategy, trials: 20
    )
  }

  private static let inactive = Point.inactive
  private static let tried = [
    Trial(1, Point([0, inactive, 0.3, 0.5, 1]), .finished, values: [1, 2], memo: MemoText.packed("{\"n\":1}")),
    Trial(2, Point([1, 3, 0.2, 0.1, 0]), .running),
  ]

  @Test(arguments: [
    "", "a", "sixsix", "seven77", "{\"generation\":3,\"ü\":\"→\u{1F600}\"}",
    String(repeating: "0123456789abcdef", count: 999), "\u{0}\u{0}",
  ]) func memosAreTextsInNumbers(_ text: String) {
    #expect(MemoText.text(MemoText.packed(text)) == text)
    #expect(MemoText.packed(text).allSatisfy { $0.isFinite && $0 >= 0 && $0 < 0x1p48 })
  }

  /// Memos of strategies that come with the engine are no texts.
  @Test(arguments: [[1001.0, 6, 2], [0.5], [-1], [1], [.nan], [3, -7]])
  func otherMemosAreNoTexts(_ memo: [Double]) { #expect(MemoText.text(memo) == "") }

  @Test func theTaskIsToldWhatItAsksFor() throws {
    let asking = Self.asking(
      try Self.task(
        "{parameters: list<{name: string, kind: enum(float, int, ordinal, choice), step: float?}>}",
        [
          ("seed", "int"), ("trial", "int"), ("trials", "int?"), ("objectives", "int(1..1)"), ("reach", "float"),
          ("history", "list<{point: list<float?>, values: list<float>, state: string, memo: string}>"),
        ]), Self.tried, objectives: 2)
    let arguments = Dictionary(uniqueKeysWithValues: asking.arguments)
    #expect(arguments["seed"] == .int(7))
    #expect(arguments["trial"] == .int(3))
    #expect(arguments["trials"] == .int(20))
    #expect(arguments["objectives"] == .int(1))
    #expect(arguments["reach"] == .float(2))
    let space = arguments["space"]?.description ?? ""
    #expect(space.hasPrefix(#"{parameters: [{name: "learn", kind: "choice", step: 1.0}, "#), "\(space)")
    #expect(
      arguments["history"]
        == .list([
          .record([
            .init("point", .list([.float(0), .null, .float(0.3), .float(0.5), .float(1)])),
            // Of two metrics, the first is what it optimises.
            .init("values", .list([.float(1)])), .init("state", .string("finished")),
            .init("memo", .string("{\"n\":1}")),
          ]),
          .record([
            .init("point", .list([.float(1), .float(3), .float(0.2), .float(0.1), .float(0)])),
            .init("values", .list([])), .init("state", .string("running")), .init("memo", .string("")),
          ]),
        ]))
  }

  @Test func whatItIsToldHasTheTypesThatItDeclares() throws {
    // All that there is to tell: values fit the types of the interface.
    var signature = TaskSignature(id: "all", version: "1.0.0", traits: [.pure])
    signature.inputs = StrategyInterface.inputs.map { Port($0.name, $0.type) }
    let task = InstalledTask(
      signature: signature, source: PluginSource(kind: .python, path: "/a.py"), index: 0, code: Hasher256.digest([1]))
    let asking = Self.asking(task, Self.tried)
    #expect(asking.arguments.count == 6)
    for (name, value) in asking.arguments {
      let type = try #require(StrategyInterface.inputs.first { $0.name == name }?.type)
      #expect(type.check(value) == nil)
    }
    guard case .record(let fields)? = asking.arguments.first(where: { $0.name == "space" })?.value,
      case .list(let parameters)? = fields.first?.value, case .record(let seed) = parameters[1]
    else {
      Issue.record("no parameters")
      return
    }
    #expect(
      seed.first { $0.name == "condition" }?.value
        == .record([.init("parameter", .int(0)), .init("choices", .list([.int(1)]))]))
  }

  @Test func aFlatSpaceHasAllParametersEverywhere() throws {
    let task = try Self.task(
      "{parameters: list<{low: float, high: float}>}", [("history", "list<{point: list<float>}>")])
    let asking = Self.asking(task, Self.tried, flattens: true)
    guard case .list(let trials)? = asking.arguments.first(where: { $0.name == "history" })?.value else {
      Issue.record("no history")
      return
    }
    // The middle stands for what did not exist.
    #expect(trials[0] == .record([.init("point", .list([0, 3, 0.3, 0.5, 1].map { .float($0) }))]))
    let answer = try asking.answer([("point", .list([0, 5, 0.4, 0.9, 0].map { .float($0) }))])
    #expect(answer == .propose(Proposal(Point([0, Self.inactive, 0.4, 0.9, 0]), reason: "asked search.near")))
  }

  private func answer(_ outputs: [(name: String, value: Value)]) throws -> Answer {
    try Self.asking(try Self.task("{parameters: list<{low: float}>}"), Self.tried).answer(outputs)
  }

  private func point(_ numbers: Double?...) -> Value { .list(numbers.map { $0.map { .float($0) } ?? .null }) }

  @Test func answersBecomeProposals() throws {
    let new = try answer([
      ("point", point(1, 5, 0.30000000000000004, 1.0000000000000002, 0)), ("memo", .string("m")),
      ("reason", .string("because\nof that")), ("answer", .string("propose")),
    ])
    #expect(new == .propose(Proposal(Point([1, 5, 0.3, 1, 0]), memo: MemoText.packed("m"), reason: "because")))
    #expect(try answer([("point", .list([])), ("answer", .string("exhausted"))]) == .exhausted)
    #expect(try answer([("point", .list([])), ("answer", .string("wait"))]) == .wait)
  }

  @Test func nothingIsTriedTwice() throws {
    guard case .propose(let proposal) = try answer([("point", point(0, nil, 0.3, 0.5, 1)), ("memo", .string("m"))])
    else {
      Issue.record("no proposal")
      return
    }
    #expect(!Self.tried.map(\.point).contains(proposal.point))
    #expect(proposal.reason == "asked search.near; that point was tried before: one near it")
    #expect(MemoText.text(proposal.memo) == "m")
  }

  @Test func answersThatMakeNoSenseAreErrors() throws {
    let wrong: [(Value, String)] = [
      (.list([]), "0 coordinates, the space has 5"), (.null, "its `point` is missing"),
      (point(2, nil, 0.3, 0.5, 1), "`learn`, which is a place in a list of 2"),
      (point(0.5, nil, 0.3, 0.5, 1), "`learn`, which is a place in a list of 2"),
      (point(0, 3, 0.3, 0.5, 1), "gives `learn.newton.seed`, which does not exist"),
      (point(1, nil, 0.3, 0.5, 1), "no value for `learn.newton.seed`"),
      (point(1, 2, 0.3, 0.5, 1), "whole number from 1 to 5 in steps of 2.0"),
      (point(0, nil, 0.35, 0.5, 1), "a number from 0.2 to 0.4 in steps of 0.1"),
      (point(0, nil, 0.3, 1.1, 1), "a number from 0.001 to 1.0"), (point(0, nil, 0.3, .nan, 1), "gives nan for `rate`"),
      (point(0, nil, .infinity, 0.5, 1), "gives inf for `share`"),
      (point(0, nil, 0.3, 0.5, 2), "a place in a list of 2"),
      (point(0, nil, 0.3, 0.5, -1), "a place in a list of 2"), (point(1e300, nil, 0.3, 0.5, 0), "`learn`"),
    ]
    for (value, message) in wrong {
      let error = #expect(throws: AnswerError.self) { try answer([("point", value)]) }
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "none") for \(value)")
    }
    #expect(throws: AnswerError.self) { try answer([("answer", .string("perhaps"))]) }
    #expect(throws: AnswerError.self) {
      try answer([("point", point(0, nil, 0.3, 0.9, 1)), ("memo", .string(String(repeating: "x", count: 1 << 20 | 1)))])
    }
    // Waiting for nothing would be for ever.
    let alone = Self.asking(try Self.task("{parameters: list<{low: float}>}"))
    #expect(throws: AnswerError.self) { try alone.answer([("answer", .string("wait"))]) }
  }

  // MARK: Studies

  private func trialled(isStrict: Bool = false) throws -> Trialled {
    var trialled = Trialled(isStrict: isStrict)
    let task = try Self.task("{parameters: list<{low: float}>}")
    trialled.stage("search", "search.near", 20) { $0.strategy.task = StrategyTask(task: task) }
    return trialled
  }

  /// As a plugin would: a function of the question alone, with a memo.
  private static func model(_ asking: Asking) -> Answer {
    let remembered = asking.question.history.trials.map { MemoText.text($0.memo).utf8.count }.reduce(0, +)
    return RandomSearch().ask(asking.question).with(memo: String(repeating: "x", count: remembered % 9 + 1))
  }

  @Test func goingOnAtAnyPointIsTheSame() throws {
    let whole = try Laboratory(try trialled())
    whole.plugin = Self.model
    #expect(whole.run())
    #expect(Set(whole.points).count == 20)
    for cut in 0..<whole.log.count {
      let resumed = try Laboratory(try trialled(), log: Array(whole.log.prefix(cut)))
      resumed.plugin = Self.model
      #expect(resumed.run())
      #expect(resumed.study.trials.map(\.proposed) == whole.study.trials.map(\.proposed), "after \(cut) entries")
    }
  }

  @Test func strictOrderKnowsNoRaces() throws {
    let first = try Laboratory(try trialled(isStrict: true), width: 4)
    let last = try Laboratory(try trialled(isStrict: true), width: 4)
    first.plugin = { asking in TreeParzen(startup: 3).ask(asking.question) }
    last.plugin = first.plugin
    #expect(first.run())
    #expect(last.run(pick: { $0 - 1 }))
    #expect(first.points == last.points)
  }

  /// It is asked again when the log has grown, not before.
  @Test func aStrategyThatWaitsIsLeftInPeace() throws {
    let laboratory = try Laboratory(try trialled(), width: 4)
    laboratory.plugin = { asking in
      asking.question.history.trials.contains { $0.state == .running } ? .wait : RandomSearch().ask(asking.question)
    }
    #expect(laboratory.run())
    #expect(laboratory.study.trials.count == 20)
    #expect(laboratory.asked < 60)
  }

  @Test func aStrategyThatHasNothingMoreEndsItsStage() throws {
    let laboratory = try Laboratory(try trialled(), width: 3)
    laboratory.plugin = { $0.question.trial > 5 ? .exhausted : RandomSearch().ask($0.question) }
    #expect(laboratory.run())
    #expect(laboratory.study.trials.count == 5)
    #expect(laboratory.study.stages[0].status == .ended("`search.near` has nothing more to try"))
  }
}

extension Answer {
  fileprivate func with(memo: String) -> Answer {
    guard case .propose(var proposal) = self else { return self }
    proposal.memo = MemoText.packed(memo)
    return .propose(proposal)
  }
}

/// What pruning rules of plugins are told, and what their answers mean.
@Suite struct JudgingTests {
  private static func judging(_ ports: [(String, String)], curve: [Double], flattens: Bool = false) throws -> Judging {
    var signature = TaskSignature(id: "rules.slow", version: "1.0.0", traits: [.pure])
    signature.inputs = try ports.map { Port($0.0, try ValueType.parse($0.1)) }
    signature.outputs = [Port("prune", .bool)]
    let task = InstalledTask(
      signature: signature, source: PluginSource(kind: .python, path: "/rules.py"), index: 0,
      code: Hasher256.digest([7]))
    var rule = StrategyTask(task: task)
    rule.flattens = flattens
    let history = History([
      Trial(1, Point([0.5]), .finished, values: [1], curve: [3, 2, 1]), Trial(2, Point([0.2]), .running),
    ])
    return Judging(
      3, curve, history, Space([Parameter("x", .axis(Axis(.floats, from: 0, to: 1)))]), seed: 7,
      .init(name: "rules.slow", options: [("limit", .int(2))], span: .init(0, 0)), rule)
  }

  @Test func theRuleIsToldWhatItAsksFor() throws {
    let judging = try Self.judging(
      [
        ("curve", "list<float>"), ("trial", "int"), ("limit", "float"),
        ("history", "list<{trial: int, curve: list<float>, state: string}>"),
      ], curve: [3, .nan])
    let arguments = Dictionary(uniqueKeysWithValues: judging.arguments)
    #expect(arguments.count == 4)
    #expect(arguments["trial"] == .int(3))
    #expect(arguments["limit"] == .float(2))
    guard case .list(let curve)? = arguments["curve"] else {
      Issue.record("no curve")
      return
    }
    #expect(curve.first == .float(3) && curve.count == 2)
    #expect(
      arguments["history"]
        == .list([
          .record([
            .init("trial", .int(1)), .init("curve", .list([.float(3), .float(2), .float(1)])),
            .init("state", .string("finished")),
          ]),
          .record([.init("trial", .int(2)), .init("curve", .list([])), .init("state", .string("running"))]),
        ]))
  }

  @Test func allThatThereIsToTellHasTheTypesOfTheInterface() throws {
    let judging = try Self.judging(
      JudgeInterface.inputs.map { ($0.name, "\($0.type)") }, curve: [1, 2])
    #expect(judging.arguments.map(\.name) == JudgeInterface.inputs.map(\.name))
    for (name, value) in judging.arguments {
      #expect(JudgeInterface.inputs.first { $0.name == name }?.type.check(value) == nil, "\(name)")
    }
  }

  @Test func answersAreVerdicts() throws {
    let judging = try Self.judging([("curve", "list<float>")], curve: [1, 2])
    #expect(try judging.verdict([("prune", .bool(false)), ("reason", .string("why not"))]) == nil)
    #expect(try judging.verdict([("prune", .bool(true)), ("reason", .string("slow\nvery"))]) == "slow")
    #expect(try judging.verdict([("prune", .bool(true)), ("reason", .string(""))]) == "rules.slow at step 2")
    #expect(try judging.verdict([("prune", .bool(true))]) == "rules.slow at step 2")
    #expect(throws: AnswerError(message: "its `prune` is missing")) { try judging.verdict([]) }
    #expect(throws: AnswerError.self) { try judging.verdict([("prune", .null)]) }
  }
}
