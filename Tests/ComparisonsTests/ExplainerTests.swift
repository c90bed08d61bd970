import Comparisons
import Events
import Tasks
import Testing
import Values

/// A trace in memory. Runs are made by editing the one before.
struct Chronicle: History {
  struct Entry {
    var record: RunRecord
    var calls: [Int: [CallRecord]]
  }
  var entries: [RunNumber: Entry] = [:]

  func record(of run: RunNumber) -> RunRecord? { entries[run]?.record }
  func calls(of run: RunNumber, step: Int) -> [CallRecord] { entries[run]?.calls[step] ?? [] }
  func origin(of call: CallRecord) -> CallRecord { call }
  func runs(before run: RunNumber, of workflow: String) -> [RunNumber] {
    entries.keys.filter { $0 < run }.sorted(by: >)
  }

  func why(_ call: String, in run: RunNumber) throws -> Why {
    let entry = try #require(entries[run])
    let why = Explainer.why(CallName(call), in: entry.record, self)
    return try #require(why)
  }
}

func digest(_ text: String) -> Digest { Hasher256.digest(Array(text.utf8)) }

let chainDocument = """
  assay 1
  workflow main {
    in n: int = 1
    step a = t.one(x: n, mode: "fast")
    step b = t.one(x: a.y) foreach i in range(n)
    step c = t.two(x: b.y)
  }
  """

/// a ← n; b[…] ← a, foreach n; c ← b. What each call gives is a function of its components, as it should be.
func chain(
  run: RunNumber, n: String = "1", items: Int = 1, seed: UInt64 = 0, code: [String: String] = [:],
  document: String = chainDocument, change: (inout RunRecord) -> Void = { _ in }
) -> Chronicle.Entry {
  func step(_ path: String, _ task: String, _ wires: [(String, [Wiring.Source])]) -> StepRecord {
    var wiring = Wiring()
    for (parameter, sources) in wires { wiring.add(parameter, sources) }
    return StepRecord(
      path: path, phase: "", isolation: .worker,
      callee: TaskRecord(
        task: task, version: "1.0.0", code: digest(code[path] ?? "code"), components: [], parameters: ["x"],
        outputs: ["y"], traits: [.pure, .deterministic]), wiring: wiring)
  }
  let steps = [
    step("a", "t.one", [("x", [.input(0)])]),
    step("b", "t.one", [("x", [.output(step: 0, port: 0)]), ("@foreach", [.input(0)])]),
    step("c", "t.two", [("x", [.output(step: 1, port: 0)])]),
  ]
  var record = RunRecord(
    run: run, workflow: "main", file: "main.assay", status: .succeeded, startedAt: 0, finishedAt: 1, seed: seed,
    engine: "0.1", host: "h", documents: [("main.assay", document)],
    inputs: [NamedContent(name: "n", text: n, identity: digest(n))], outputs: [], variants: [], steps: steps,
    circumstances: Circumstances())
  change(&record)
  var calls: [Int: [CallRecord]] = [:]
  func call(_ step: Int, _ item: String, _ input: Digest) -> Digest {
    let record = record.steps[step]
    let components = [
      ("task", digest("\(record.task) \(record.version)")), ("code", record.code), ("inputs.x", input),
      ("inputs.mode", digest(document.contains("slow") && step == 0 ? "slow" : "fast")), ("seed", digest("\(seed)")),
    ]
    let key = digest(components.map { "\($0.0) \($0.1.hex)" }.joined())
    calls[step, default: []].append(
      CallRecord(
        node: NodeReference(run: run, node: calls.values.map(\.count).reduce(0, +), step: step, item: item), fate: .ran,
        key: key, components: components.map { ($0.0, $0.1) }, outputs: [key], isReusable: true))
    return key
  }
  let a = call(0, "", digest(n))
  let b = (0..<items).map { call(1, "[\($0)]", digest("\(a.hex) \($0)")) }
  _ = call(2, "", digest(b.map(\.hex).joined()))
  return .init(record: record, calls: calls)
}

@Suite struct ExplainerTests {
  private func history(_ entries: Chronicle.Entry...) -> Chronicle {
    Chronicle(entries: Dictionary(uniqueKeysWithValues: entries.map { ($0.record.run, $0) }))
  }

  @Test func aFirstCallHasNoCause() throws {
    let why = try history(chain(run: 1)).why("c", in: 1)
    #expect(why.explanations.first?.reason == .first)
    #expect(why.roots.isEmpty && why.baseline == nil)
  }

  @Test func anInputIsFoundAtTheEndOfTheChain() throws {
    let why = try history(chain(run: 1), chain(run: 2, n: "2")).why("c", in: 2)
    #expect(why.explanations.map(\.call.description) == ["c", "b[0]", "a"])
    #expect(why.explanations.map { $0.changes.map(\.component) } == [["inputs.x"], ["inputs.x"], ["inputs.x"]])
    #expect(why.explanations[0].same == ["task", "code", "inputs.mode", "seed"])
    #expect(
      why.roots.map(\.cause) == [
        .input(
          name: "n", before: NamedContent(name: "n", text: "1", identity: digest("1")),
          after: NamedContent(name: "n", text: "2", identity: digest("2")))
      ])
  }

  @Test func theWordsOfTheDocumentAreGiven() throws {
    let document = chainDocument.replacing("\"fast\"", with: "\"slow\"")
    let why = try history(chain(run: 1), chain(run: 2, document: document)).why("a", in: 2)
    #expect(why.roots.map(\.cause) == [.document(place: "a: mode", before: "\"fast\"", after: "\"slow\"")])
  }

  /// `a` of another variant: its `mode` is said only by the task that has it, its `speed` is a default of the other one.
  @Test func argumentsThatOnlyOneVariantHasAreCompared() throws {
    let document = chainDocument.replacing(
      "step a = t.one(x: n, mode: \"fast\")",
      with: "step a = vary(x: n) { variant one = t.one(mode: \"fast\")\n variant two = t.two()\n default one }")
    func entry(_ run: RunNumber, _ variant: String?) -> Chronicle.Entry {
      let isTwo = variant == "two"
      var entry = chain(run: run, document: document) { record in
        record.variants = variant.map { [("a", $0)] } ?? []
        let own = record.steps[0].callee
        record.steps[0].callee = TaskRecord(
          task: isTwo ? "t.two" : "t.one", version: "1.0.0", code: own.code, components: [],
          parameters: ["x", isTwo ? "speed" : "mode"], outputs: ["y"],
          defaults: isTwo ? ["speed": "7"] : ["mode": "\"slow\""], traits: own.traits)
      }
      if isTwo { entry.calls[0]?[0].components[3] = ("inputs.speed", digest("7")) }
      return entry
    }
    let why = try history(entry(1, nil), entry(2, "two")).why("a", in: 2)
    #expect(why.explanations[0].changes.map(\.component) == ["task", "inputs.speed", "inputs.mode"])
    #expect(
      why.explanations[0].changes.map(\.causes) == [
        [.variant(step: "a", before: "one", after: "two")],
        [
          .argument(
            place: "a: speed", before: nil, after: GivenArgument(task: "t.two", text: "7", isDefault: true),
            isRoot: false)
        ],
        [
          .argument(
            place: "a: mode", before: GivenArgument(task: "t.one", text: "\"fast\"", isDefault: false), after: nil,
            isRoot: false)
        ],
      ])
    #expect(why.roots.map(\.cause) == [.variant(step: "a", before: "one", after: "two")])
  }

  @Test func aDefaultThatIsGivenUpIsARoot() throws {
    func entry(_ run: RunNumber, _ document: String) -> Chronicle.Entry {
      chain(run: run, document: document) { record in
        let own = record.steps[0].callee
        record.steps[0].callee = TaskRecord(
          task: own.task, version: own.version, code: own.code, components: [], parameters: ["x", "mode"],
          outputs: own.outputs, defaults: ["mode": "\"fast\""], traits: own.traits)
      }
    }
    let without = chainDocument.replacing(", mode: \"fast\"", with: "")
    let slow = chainDocument.replacing("\"fast\"", with: "\"slow\"")
    let why = try history(entry(1, without), entry(2, slow)).why("a", in: 2)
    let cause = Cause.argument(
      place: "a: mode", before: GivenArgument(task: "t.one", text: "\"fast\"", isDefault: true),
      after: GivenArgument(task: "t.one", text: "\"slow\"", isDefault: false), isRoot: true)
    #expect(why.roots.map(\.cause) == [cause])
  }

  @Test func codeIsComparedPartByPart() throws {
    func record(_ code: String, _ blas: String) -> CodeRecord {
      CodeRecord(
        code: digest(code), path: "/lib/t.so",
        parts: [CodePart(.plugin, "t.so", "same"), CodePart(.library, "libblas.so.3", blas)])
    }
    let old = chain(run: 1, code: ["a": "old"]) { $0.circumstances.code = [record("old", "111")] }
    let new = chain(run: 2, code: ["a": "new"]) { $0.circumstances.code = [record("new", "222")] }
    let why = try history(old, new).why("b[0]", in: 2)
    let expected = CodeDifference((digest("old"), record("old", "111")), (digest("new"), record("new", "222")))
    #expect(expected.parts == [.init(.library, "libblas.so.3", before: "111", after: "222")])
    #expect(why.roots.map(\.cause) == [.code(expected)])
    #expect(why.roots.map { why.explanations[$0.call].call.description } == ["a"])
  }

  @Test func aNewItemComesFromTheList() throws {
    let why = try history(chain(run: 1), chain(run: 2, n: "2", items: 2)).why("b[1]", in: 2)
    #expect(why.explanations[0].reason == .first)
    #expect(why.explanations[0].changes.map(\.component) == ["foreach"])
    #expect(why.roots.count == 1)
  }

  @Test func theClosestEarlierCallCounts() throws {
    // Run 2 differs in two things from run 3, run 1 in one.
    let why = try history(chain(run: 1, seed: 1), chain(run: 2, n: "5", seed: 9), chain(run: 3, n: "1", seed: 2))
      .why("a", in: 3)
    #expect(why.baseline == 1)
    #expect(why.roots.map(\.cause) == [.seed(before: 1, after: 2)])
  }

  @Test func anotherResultUnderTheSameKeyIsARoot() throws {
    var second = chain(run: 2)
    second.calls[0]?[0].outputs = [digest("something else")]
    second.calls[1]?[0].components[2].digest = digest("other")
    let why = try history(chain(run: 1), second).why("b[0]", in: 2)
    #expect(why.roots.map(\.cause) == [.ranAgain(CallName(path: "a"), isDeterministic: true)])
  }

  @Test func whatRanForOtherReasonsSaysSo() throws {
    var reused = chain(run: 2)
    reused.calls[0]?[0].fate = .reused(from: 1)
    var failed = chain(run: 1)
    failed.calls[0]?[0].fate = .failed(Failure(.failed, "no"))
    let same = history(chain(run: 1), chain(run: 2) { $0.circumstances.reuses = false })
    let never = history(chain(run: 1), chain(run: 2) { $0.steps[0].reuse = "never" })
    let aged = history(chain(run: 1), chain(run: 2) { $0.steps[0].reuse = "1h" })
    let impure = history(
      chain(run: 1),
      chain(run: 2) { record in
        let pure = record.steps[0].callee
        record.steps[0].callee = TaskRecord(
          task: pure.task, version: pure.version, code: pure.code, components: [], parameters: pure.parameters,
          outputs: pure.outputs)
      })
    #expect(try history(chain(run: 1), reused).why("a", in: 2).explanations[0].reason == .reused(from: 1))
    #expect(try history(failed, chain(run: 2)).why("a", in: 2).explanations[0].reason == .failedBefore(1))
    #expect(try history(chain(run: 1), chain(run: 2)).why("a", in: 2).explanations[0].reason == .lost(1))
    #expect(try same.why("a", in: 2).explanations[0].reason == .noReuse("--no-reuse"))
    #expect(try never.why("a", in: 2).explanations[0].reason == .reuseNever)
    #expect(try aged.why("a", in: 2).explanations[0].reason == .expired(age: "1h", run: 1))
    #expect(try impure.why("a", in: 2).explanations[0].reason == .notPure)
  }

  @Test func anUnknownStepHasNoAnswer() {
    let entry = chain(run: 1)
    #expect(Explainer.why(CallName("zzz"), in: entry.record, history(entry)) == nil)
    #expect(Explainer.why(CallName("b[7]"), in: entry.record, history(entry)) == nil)
    #expect(Explainer.why(CallName("b"), in: entry.record, history(entry))?.explanations[0].call.item == "[0]")
  }
}

@Test func wiringSurvivesItsBytes() {
  var wiring = Wiring()
  wiring.add("train", [.output(step: 3, port: 0), .output(step: 412, port: -1)])
  wiring.add("nothing", [])
  wiring.add("@foreach", [.input(12)])
  #expect(
    Wiring(bytes: wiring.bytes).wires == [
      .init(parameter: "train", sources: [.output(step: 3, port: 0), .output(step: 412, port: -1)]),
      .init(parameter: "@foreach", sources: [.input(12)]),
    ])
  #expect(Wiring(bytes: Array("x=;=;;y=1.2.3;z=@;w".utf8)).wires.allSatisfy { $0.sources.isEmpty })
}

@Test func factsAndCodeSurviveTheirText() {
  let facts = [Fact(.locale, "LANG", "de\tDE\nx"), Fact(.machine, "cores", "2")]
  #expect(Fact.facts(Fact.text(facts)) == [Fact(.locale, "LANG", "de DE x"), Fact(.machine, "cores", "2")])
  #expect(Fact.facts("nonsense\na\tb\nlocale\tLANG\tC\n") == [Fact(.locale, "LANG", "C")])
  let code = CodeRecord(
    code: digest("c"), path: "/p", parts: [CodePart(.kit, "a/b.py", "1"), CodePart(.package, "numpy", "2")])
  #expect(CodeRecord(code: code.code, path: "/p", text: code.text) == code)
}
