import Knowledge
import Spaces
import Testing
import Values

@Suite struct DataPrintTests {
  private static func table(_ text: String, hints: Set<String> = [], name: String = "data") throws -> DataPrint {
    let cells = try #require(SeparatedText(Array(text.utf8)))
    let measures = TableMeasures(names: cells.names, cells: cells.cells, hints: hints)
    var print = DataPrint(name: name, digest: "sha256:\(text.utf8.count)", bytes: Int64(text.utf8.count))
    (print.columns, print.rows, print.features) = (measures.columns, measures.rows, measures.features)
    return print
  }

  private static func people(_ count: Int, shift: Double = 0, names: String = "age,income,left") -> String {
    names + "\n"
      + (0..<count).map { "\(20 + shift + Double($0 * 7 % 40)),\(1000 + $0 * $0),\($0 % 3 == 0 ? "yes" : "no")\n" }
      .joined()
  }

  @Test func separatedTextIsRead() throws {
    let text = try #require(SeparatedText(Array("\u{FEFF}a;\"b \"\"c\"\"\"\r\n1;\"x;\ny\"\r\n\r\n;2".utf8)))
    #expect(text.names == ["a", "b \"c\""])
    #expect(text.cells == [["1", nil], ["x;\ny", "2"]])
  }

  @Test(arguments: ["", "a,b\n", "a,b\n1\n", "a,b\n1,\"2\n", "\n1\n"]) func whatIsNoTableIsNone(_ text: String) {
    #expect(SeparatedText(Array(text.utf8)) == nil)
  }

  @Test func bytesThatAreNoTextAreNoTable() { #expect(SeparatedText([0x61, 0x2C, 0xFF, 0x0A, 0x31]) == nil) }

  @Test func aTableIsMeasured() throws {
    let table = try Self.table("n,w,t\n1,a,yes\n2,b,no\n3,,no\n4,d,no\n", hints: ["t"])
    #expect(table.columns == [.init("n", "number"), .init("w", "text"), .init("t", "text")])
    #expect(table.rows == 4)
    #expect(table.features["numeric"] == 1.0 / 3)
    #expect(table.features["missing"] == 1.0 / 12)
    #expect(table.features["majority"] == 0.75)
    #expect(table.features["classes"] == 1)
    #expect((table.features["skew"] ?? 1).magnitude < 1e-12)
    // Without the hint it is the last of the texts, here the same; a number that is named is one of classes, too.
    let numbers = try Self.table("n,c\n1,0\n2,1\n3,1\n4,1\n", hints: ["c"])
    #expect(numbers.features["majority"] == 0.75)
    #expect(try Self.table("n,c\n1,0\n2,1\n3,1\n4,1\n").features["majority"] == nil)
  }

  @Test func aNewVersionIsCloserThanOtherData() throws {
    let first = try Self.table(Self.people(200))
    let next = try Self.table(Self.people(230, shift: 1))
    let renamed = try Self.table(Self.people(230, shift: 1, names: "alter,lohn,weg"))
    let other = try Self.table(
      "a,b,c,d,e\n" + (0..<900).map { "\($0 % 2),\($0 % 5),\($0),\($0 * $0 * $0),\($0 % 11)\n" }.joined())
    #expect(first.isSame(as: next) && !first.isSame(as: renamed) && !first.isSame(as: other))
    #expect(first.similarity(to: first) == 1)
    let (near, alike, far) = (
      try #require(first.similarity(to: next)), try #require(first.similarity(to: renamed)),
      try #require(first.similarity(to: other))
    )
    #expect(1 > near && near > alike && alike > far && far > 0)
    #expect(near == next.similarity(to: first))
    let distances = first.distances(to: other)
    #expect(!distances.isEmpty && zip(distances, distances.dropFirst()).allSatisfy { $0.distance >= $1.distance })
    #expect(DataPrint(json: next.json) == next)
  }

  @Test func dataWithoutColumnsIsKnownByContentAndOrigin() {
    let a = DataPrint(name: "raw", origin: "raw/churn", digest: "sha256:1", bytes: 5)
    let next = DataPrint(name: "raw", origin: "raw/churn", digest: "sha256:2", bytes: 6)
    let other = DataPrint(name: "raw", origin: "raw/iris", digest: "sha256:3", bytes: 6)
    #expect(a.isSame(as: next) && !a.isSame(as: other))
    #expect(a.similarity(to: next) == 0.5 && a.similarity(to: other) == nil)
    #expect([a].areSame(as: [next]) && ![a].areSame(as: [a, other]) && [DataPrint]().areSame(as: []))
    #expect([a].similarity(to: []) == nil)
    // The only input has a partner whatever its name; one of several by name alone.
    let renamed = DataPrint(name: "churn", origin: "raw/churn", digest: "sha256:2", bytes: 6)
    #expect([a].areSame(as: [renamed]) && ![a, other].areSame(as: [renamed, other]))
  }

  // MARK: Kinship

  private static func described(
    _ parameters: [String], data: [DataPrint], wiring: String = "w", metric: String = "auc"
  )
    -> Description
  {
    var description = Description(
      metrics: [.init(metric, isMaximized: true)],
      space: Space(parameters.map { Parameter($0, Samples.floats(0, 1)) }))
    description.workflow = WorkflowPrint(tasks: ["a"], wiring: wiring)
    description.data = data
    return description
  }

  @Test func kinshipIsWhatObjectiveParametersAndDataSay() throws {
    let one = try Self.table(Self.people(200))
    let next = try Self.table(Self.people(230, shift: 1))
    let other = try Self.table("a,b\n" + (0..<99).map { "\($0 % 2),\($0)\n" }.joined())
    let new = Self.described(["x", "y"], data: [next])
    func kinship(_ past: Description) -> Kinship { Kinship(of: past, to: new) }
    #expect(kinship(Self.described(["x", "y"], data: [one])).relation == .sameProblem)
    // New code on the same data is the same problem, too.
    #expect(kinship(Self.described(["x", "z"], data: [one], wiring: "v")).relation == .sameProblem)
    let related = kinship(Self.described(["x", "y"], data: [other]))
    #expect(related.relation == .related && related.isSameWorkflow && !related.isSameData)
    #expect(kinship(Self.described(["u", "v", "w"], data: [one])).relation == .none)
    #expect(kinship(Self.described(["x", "y"], data: [one], metric: "loss")).relation == .none)
    // Without data it is the workflow that tells.
    let bare = Self.described(["x"], data: [])
    #expect(Kinship(of: bare, to: bare).relation == .sameProblem)
    #expect(Kinship(of: Self.described(["x"], data: [], wiring: "v"), to: bare).relation == .related)
  }

  @Test(
    arguments: [
      #"{}"#, #"{"metrics": [], "space": [{"name": "x"}]}"#, #"{"metrics": [{"name": 1}], "space": []}"#,
      #"{"metrics": [], "space": [{"name": "x", "in": []}]}"#,
      #"{"metrics": [], "space": [{"name": "x", "in": [[]]}]}"#,
      #"{"metrics": [], "space": [{"name": "x", "in": ["a"], "parameter": 0, "choices": [0]}]}"#,
      #"{"metrics": [], "space": [{"name": "x", "kind": "int", "low": 1.0, "high": 9.0, "log": false}, {"name": "y", "in": ["a"], "parameter": 0, "choices": [0]}]}"#,
      #"{"metrics": [], "space": [{"name": "x", "kind": "float", "low": 2.0, "high": 1.0}]}"#,
    ]) func whatIsNoDescriptionIsNone(_ text: String) throws
  {
    #expect(Description(json: try JSON.parse(text)) == nil)
  }
}
