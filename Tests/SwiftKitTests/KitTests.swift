import PluginHarness
import Plugins
import Processes
import Tasks
import Testing
import Values

@Suite struct KitTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  private func everything() throws -> [String: JSON] {
    [
      "flag": true, "number": -5, "share": 1, "text": "né\u{1F600}", "bytes": "AP8=", "numbers": [[0.5, 2.0], []],
      "person": ["name": "Ada", "age": nil], "colour": "red", "maybe": "x", "tensor": [[1.5, 2.5]],
      "table": [["i": 1, "s": "a"], ["i": nil, "s": "b"]], "file": try bench.file("in.txt", "contents"),
    ]
  }

  @Test func eachKindGoesInAndOut() throws {
    let given = try everything()
    let got = try bench.json("kit.sample.echo", given)
    for (name, value) in given where name != "share" && name != "file" { #expect(got[name] == value, "\(name)") }
    #expect(got["share"] == 1.0)
    #expect(try text(got["file"]) == "contents")
  }

  private func text(_ file: JSON?) throws -> String {
    String(decoding: try Files.read(try #require(file?.asString)), as: UTF8.self)
  }

  @Test func defaultsAreDeclaredAndUsed() throws {
    let task = try #require(try bench.plugin("kit.sample").task(named: "echo")).signature
    let types = Dictionary(uniqueKeysWithValues: task.inputs.map { ($0.name, "\($0.type)") })
    #expect(
      types["number"] == "int(-5..5)" && types["colour"] == "enum(\"red\", \"green\")" && types["maybe"] == "string?")
    #expect(
      types["person"] == "{name: string, age: int?}" && types["bytes"] == "bytes" && types["tensor"] == "tensor<f32>")
    var given = try everything()
    for name in ["number", "text", "numbers", "colour", "maybe"] { given[name] = nil }
    let got = try bench.json("kit.sample.echo", given)
    #expect(
      got["number"] == 3 && got["text"] == "a \"b\"\n" && got["numbers"] == [[1.5], []] && got["colour"] == "green")
    #expect(got["maybe"] == nil || got["maybe"] == .null)
  }

  private static let wrong: [(String, Value, String)] = [
    ("flag", .int(1), "expected a bool, got int"), ("share", .string("x"), "expected a float, got string"),
    ("colour", .string("blue"), "`blue` is none of `red`, `green`"), ("bytes", .list([]), "expected bytes, got list"),
    ("person", .record([.init("age", .int(1))]), "field `name` is missing"), ("table", .null, "is missing"),
    ("numbers", .list([.list([.bool(true)])]), "expected a float, got bool"),
    (
      "tensor", .tensor(Tensor(element: .f64, shape: [1], data: Payload([UInt8](repeating: 0, count: 8)))),
      "tensor of f32"
    ),
  ]

  @Test(arguments: wrong) func wrongKindsAreNamed(port: String, value: Value, message: String) throws {
    let given = try everything()
    let types = try bench.call("kit.sample.echo", [:]).task.signature.inputs
    var values: [String: Value] = [:]
    for input in types { values[input.name] = try given[input.name].map { try Value(json: $0, type: input.type) } }
    values[port] = value
    guard case .failure(let failure) = bench.run(try bench.call("kit.sample.echo", values)).result else {
      throw Unexpected("it took \(value)")
    }
    // The host refuses a value of another kind before the task sees it; the kit refuses what is wrong further inside.
    let byHost = failure.kind == .contract && failure.message.contains("`\(port)`")
    let byKit = failure.kind == .input && failure.port == port && failure.message.contains(message)
    #expect(byHost || byKit, "\(failure)")
  }

  @Test(
    arguments: [
      ("i", "int", [1, nil]), ("i", "float", [1.0, nil]), ("f", "float", [0.5, nil]), ("b", "bool", [true, nil]),
      ("s", "string", ["x", nil]), ("s", "as it is", ["x", nil]),
    ] as [(String, String, [JSON])])
  func columnsAreReadAsWhatTheyAre(column: String, kind: String, expected: [JSON]) throws {
    let table: JSON = [["i": 1, "f": 0.5, "b": true, "s": "x"], ["i": nil, "f": nil, "b": nil, "s": nil]]
    let rows = try bench.json("kit.sample.columns", ["table": table, "column": .string(column), "as": .string(kind)])
    #expect(rows["table"]?.asArray?.map { $0.asObject?.last?.value } == expected.map(Optional.some))
  }

  @Test func columnsThatAreNotThereAreNamed() throws {
    let table: JSON = [["i": 1, "s": "x"], ["i": nil, "s": "y"]]
    func failure(_ column: JSON, _ kind: JSON) throws -> Failure {
      try bench.failure("kit.sample.columns", ["table": table, "column": column, "as": kind])
    }
    #expect(try failure("z", "int").message == "there is no column `z`; there are `i`, `s`")
    #expect(try failure("s", "int").message == "column `s` holds string, not int")
    #expect(try failure("i", "present").message == "column `i` has no value in row 2")
  }

  @Test func largeTensorsGoThrough() throws {
    let count = 300_000
    let numbers = (0..<count).map(Double.init)
    let data = Payload(numbers.withUnsafeBytes { Array($0) })
    let y = try bench.values("kit.sample.double", ["x": .tensor(Tensor(element: .f64, shape: [count], data: data))])[
      "y"]
    guard case .tensor(let tensor) = y else { throw Unexpected("no tensor") }
    let doubled = tensor.data.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
    #expect(tensor.shape == [count] && doubled == numbers.map { 2 * $0 })
    // Memory of the engine came back as it is: a region, not a copy.
    guard case .region = tensor.data.storage else { throw Unexpected("it was copied to the heap") }
  }

  @Test func whatIsKeptAfterTheAttemptStaysWhole() throws {
    let sizes = [20_000, 3, 20_000]
    var before: [String: JSON]?
    for (index, size) in sizes.enumerated() {
      let given: [String: JSON] = [
        "x": .array((0..<size).map { .float(Double($0 + index)) }),
        "table": .array((0..<size).map { ["a": .int(Int64($0 + index)), "s": .string("row \($0)")] }),
      ]
      let got = try bench.json("kit.sample.keeps", given)
      if let before { #expect(got == before) }
      before = given
    }
  }

  @Test func servicesReachTheEngine() throws {
    let notes = Notes()
    let call = try bench.call(
      "kit.sample.services", [:], attempt: 2, checkpoint: Array("before".utf8), secrets: ["token": "s3"])
    let values = try bench.run(call, notes).result.get()
    let json = values.map { $0?.json() }
    #expect(try text(json[0]) == "one\ntwo\n")
    #expect(try json[1]?.asArray?.map { try text($0) } == ["a", "b"])
    #expect(try text(json[2]?.asString.map { .string($0 + "/x.txt") }) == "inside")
    #expect(json[4] == ["run-1", "bench", "services", "2", "s3", "before"])
    #expect(json[5] == nil || json[5] == .null)
    #expect(notes.said.log == ["warning: begins"] && notes.said.metrics == ["loss=0.5 nat@7"])
    #expect(notes.said.checkpoints == [Array("so far".utf8)])
    let again = try bench.run(try bench.call("kit.sample.services", [:], secrets: ["token": "s"])).result.get()
    #expect(again[3] == values[3])
    let other = bench.run(try bench.call("kit.sample.services", [:], seed: 9, secrets: ["token": "s"]))
    #expect(try other.result.get()[3] != values[3])
  }

  @Test func failuresKeepTheirWords() throws {
    let coded = try bench.failure("kit.sample.fails", ["how": "coded"])
    #expect(coded.kind == .transient && coded.code == "io.timeout" && coded.retryable == true && coded.number == 110)
    #expect(coded.retryAfter == .seconds(2) && coded.message == "too slow")
    let port = try bench.failure("kit.sample.fails", ["how": "port"])
    #expect(port.kind == .input && port.port == "how" && port.code == "x.y")
    let other = try bench.failure("kit.sample.fails", ["how": "other"])
    #expect(other.kind == .failed && other.message == "Odd()")
    let unset = try bench.failure("kit.sample.fails", ["how": "unset"])
    #expect(unset.kind == .contract && unset.port == "value")
  }

  @Test func cancellationIsSeen() throws {
    let call = try bench.call("kit.sample.fails", ["how": .string("wait")])
    guard case .failure(let failure) = bench.run(call, Notes(onStart: { [bench] in bench.cancel($0) })).result else {
      throw Unexpected("it ended")
    }
    #expect(failure.kind == .cancelled)
  }

  @Test func anyThreadMayUseTheContextAndLateUseDoesNothing() throws {
    for _ in 0..<2 {
      let notes = Notes()
      let outcome = bench.run(try bench.call("kit.sample.threads", [:]), notes)
      #expect(try outcome.result.get() == [.int(8)])
      #expect(notes.said.log == [String](repeating: "info: from a thread", count: 8))
    }
  }

  @Test func theExampleOfTheReadmeIsTheOneThatRuns() throws {
    let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
    let readme = String(decoding: try Files.read(root + "/sdk/swift/README.md"), as: UTF8.self)
    let source = String(decoding: try Files.read(root + "/sdk/swift/Examples/Demo/Demo.swift"), as: UTF8.self)
    #expect(readme.contains("```swift\n" + source + "```"))
    let scaled = try bench.json("demo.standardise", ["features": [[1.0, 5.0], [3.0, 5.0]]])
    #expect(scaled["scaled"] == [[-1.0, 0.0], [1.0, 0.0]])
  }
}
