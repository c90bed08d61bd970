import PluginHarness
import Tasks
import Testing
import Values

@Suite struct TableTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  private func read(_ text: String, _ more: [String: JSON] = [:]) throws -> JSON {
    let inputs = ["path": try bench.file("data.csv", text)].merging(more) { $1 }
    return try #require(try bench.json("std.table.read_csv", inputs)["table"])
  }

  @Test func readsTypedColumns() throws {
    let rows = try read(
      "id,share,flag,name\n1,0.5,true,Ada\n-2,1e3,FALSE,\"Grace, \"\"Amazing\"\"\"\n,,,\n9223372036854775807,-Inf,true,NA\n"
    )
    #expect(
      rows == [
        ["id": 1, "share": 0.5, "flag": true, "name": "Ada"],
        ["id": -2, "share": 1000.0, "flag": false, "name": "Grace, \"Amazing\""],
        ["id": nil, "share": nil, "flag": nil, "name": nil],
        ["id": 9_223_372_036_854_775_807, "share": .float(-.infinity), "flag": true, "name": nil],
      ])
  }

  @Test func takesTheNarrowestTypeThatFitsAll() throws {
    #expect(
      try read("a,b,c,d\n1,1,true,9223372036854775808\n2,2.5,x,1\n")
        == [["a": 1, "b": 1.0, "c": "true", "d": 9.223372036854775807e18], ["a": 2, "b": 2.5, "c": "x", "d": 1.0]])
  }

  @Test func readsOtherDialects() throws {
    #expect(
      try read("1;\"a\nb\"\r\n2;c\r\n", ["header": false, "delimiter": ";"])
        == [["column_1": 1, "column_2": "a\nb"], ["column_1": 2, "column_2": "c"]])
    #expect(try read("\u{FEFF}x\n?\n1", ["missing": ["?"]]) == [["x": nil], ["x": 1]])
    #expect(try read("a,b\n") == [])
  }

  @Test(arguments: [
    ("a,b\n1,2\n3\n", "csv.ragged", "bad.csv:3:1: 1 field, the first line has 2"),
    ("a,b\n\"x\ny\",1\n1,2,3\n", "csv.ragged", "bad.csv:4:1: 3 fields"),
    ("a\n\"open\n\n", "csv.syntax", "bad.csv:2:1: a quote opens here and never closes"),
    ("a\n\"x\"y\n", "csv.syntax", "bad.csv:2:4: text follows a closing quote"),
    ("a\nx\"y\n", "csv.syntax", "bad.csv:2:2: a quote inside a field"),
    ("a,a\n1,2\n", "csv.header", "bad.csv:1:3: the column `a` comes twice"),
    ("", "csv.empty", "no lines"),
    ("a,b\n1,\"x\n\"\nä,ö\u{0}\n", "csv.encoding", "bad.csv:4:4: byte 0x00"),
    ("a,b,c\n1,2,\"\n\"\"\n", "csv.syntax", "bad.csv:2:5: a quote opens"),
    ("a\n\u{0}\n", "csv.encoding", "bad.csv:2:1: byte 0x00"),
  ])
  func namesWhatIsWrong(text: String, code: String, message: String) throws {
    let failure = try bench.failure("std.table.read_csv", ["path": try bench.file("bad.csv", text)])
    #expect(failure.kind == .input && failure.code == code && failure.port == "path")
    #expect(failure.message.contains(message), "\(failure.message)")
  }

  private func types(_ types: KeyValuePairs<String, String>) -> [String: JSON] {
    ["types": .array(types.map { ["column": .string($0), "type": .string($1)] })]
  }

  @Test func readsDeclaredTypes() throws {
    let text = "id,share,flag,name\n007,1,true,Ada\n008,,FALSE,12\n"
    #expect(
      try read(text, types(["id": "string", "share": "float?", "name": "string"]))
        == [
          ["id": "007", "share": 1.0, "flag": true, "name": "Ada"],
          ["id": "008", "share": nil, "flag": false, "name": "12"],
        ])
    #expect(try read("a\n", types(["a": "int"])) == [])
  }

  @Test(
    arguments: [
      (
        ["age": "int"], "name,age\nAda,36\nBo,12.5\n", "bad.csv:3:4: column `age` is declared `int`, and `12.5` is none"
      ),
      (["b": "float?"], "a,b\n\"ä\nö\",\"x\"\n", "bad.csv:3:4: column `b` is declared `float?`, and `x` is none"),
      (["b": "bool"], "a,b\nü,NA\n", "bad.csv:2:3: column `b` is declared `bool`, and the value is missing (`bool?`"),
      (
        ["a": "int"], "a\n\(String(repeating: "ä", count: 30))\n", "and `\(String(repeating: "ä", count: 20))…` is none"
      ),
      (["c": "int"], "a,b\n1,2\n", "there is no column `c`"),
      (["a": "int", "a": "float"], "a,b\n1,2\n", "the type of column `a` is declared twice"),
    ] as [(KeyValuePairs<String, String>, String, String)])
  func namesTheValueOfAnotherType(declared: KeyValuePairs<String, String>, text: String, message: String) throws {
    let failure = try bench.failure(
      "std.table.read_csv", types(declared).merging(["path": try bench.file("bad.csv", text)]) { $1 })
    #expect(failure.kind == .input && failure.code == (failure.port == "types" ? "table.column" : "csv.type"))
    #expect(failure.message.contains(message), "\(failure.message)")
  }

  /// Longer than the part of the file that stays in memory.
  @Test func readsMoreThanItKeeps() throws {
    let line = "12345,some text that is not short at all,0.25\n"
    let count = (6 << 20) / line.utf8.count
    let table = try bench.values(
      "std.table.read_csv", ["path": try path("n,t,x\n" + String(repeating: line, count: count))])["table"]
    let summary = try bench.values("std.table.describe", ["table": try #require(table)])["summary"]?.json()
    #expect(
      summary?.asArray?.map { $0["type"]?.asString } == ["int", "string", "float"])
    #expect(summary?.asArray?.first?["mean"]?.asDouble == 12345)
  }

  @Test func saysThatAFileIsNotThere() throws {
    let failure = try bench.failure("std.table.read_csv", ["path": "/nowhere/x.csv"])
    #expect(failure.code == "io.read" && failure.message.contains("No such file"))
  }

  @Test func writesWhatReadsBackTheSame() throws {
    let text =
      "n,x,t,b\n1,0.1,\"a,b\",true\n,1e-300,\"say \"\"hi\"\"\",false\n-3,,\"\",\n4,123456789.123456789,two words,true\n"
    let table = try bench.values("std.table.read_csv", ["path": try path(text)])["table"]
    let file = try bench.values("std.table.write_csv", ["table": try #require(table)])["file"]
    let again = try bench.values("std.table.read_csv", ["path": try #require(file)])["table"]
    #expect(table?.json() == again?.json())
  }

  private func path(_ text: String) throws -> Value {
    guard case .string(let path) = try bench.file("data.csv", text) else { throw Unexpected("no path") }
    return .file(FileReference(path: path, size: Int64(text.utf8.count), mediaType: "text/csv"))
  }

  private static let hundred: JSON = .array(
    (0..<100).map { ["id": .int($0), "class": .string($0 < 20 ? "rare" : "common")] })

  private func ids(_ rows: JSON?) -> [Int64] {
    rows?.asArray?.compactMap { $0.asObject?.first { $0.name == "id" }?.value.asInt } ?? []
  }

  @Test func splitsEachRowOnceAndRepeatably() throws {
    let inputs: [String: JSON] = ["table": Self.hundred, "test": 0.25, "seed": 7]
    let parts = try bench.json("std.table.split", inputs)
    let (train, test) = (ids(parts["train"]), ids(parts["test"]))
    #expect(train.count == 75 && test.count == 25)
    #expect((train + test).sorted() == Array(0..<100))
    #expect(train == train.sorted() && test == test.sorted())
    #expect(try bench.json("std.table.split", inputs) == parts)
    #expect(ids(try bench.json("std.table.split", inputs.merging(["seed": 8]) { $1 })["test"]) != test)
  }

  @Test(arguments: [0.1, 0.25, 0.33]) func keepsTheSharesOfClasses(share: Double) throws {
    let parts = try bench.json(
      "std.table.split", ["table": Self.hundred, "test": .float(share), "stratify": "class"])
    let test = ids(parts["test"])
    #expect(test.count == Int((100 * share).rounded()))
    #expect(abs(Double(test.count { $0 < 20 }) - 20 * share) <= 1)
  }

  @Test func foldsCoverEachRowOnce() throws {
    let folds = try bench.json("std.table.kfold", ["table": Self.hundred, "k": 3, "stratify": "class"])["folds"]
    let pairs = folds?.asArray?.map { fold in
      (ids(fold.asObject?.first { $0.name == "train" }?.value), ids(fold.asObject?.first { $0.name == "test" }?.value))
    }
    let tests = try #require(pairs).flatMap { $0.1 }
    #expect(tests.sorted() == Array(0..<100))
    for (train, test) in try #require(pairs) {
      #expect((train + test).sorted() == Array(0..<100))
      #expect((6...7).contains(test.count { $0 < 20 }))
    }
  }

  @Test func refusesImpossibleFolds() throws {
    let failure = try bench.failure("std.table.kfold", ["table": [["a": 1]], "k": 2])
    #expect(failure.code == "table.folds" && failure.message.contains("2 folds of 1 rows"))
    let column = try bench.failure("std.table.split", ["table": [["a": 1]], "stratify": "b"])
    #expect(column.code == "table.column" && column.port == "stratify")
  }

  @Test func selectsAndDrops() throws {
    let table: JSON = [["a": 1, "b": "x", "c": true]]
    #expect(
      try bench.json("std.table.select", ["table": table, "columns": ["c", "a"]])["table"] == [["c": true, "a": 1]])
    #expect(try bench.json("std.table.drop", ["table": table, "columns": ["c", "a"]])["table"] == [["b": "x"]])
    #expect(
      try bench.failure("std.table.select", ["table": table, "columns": ["z"]]).message == "there is no column `z`")
  }

  @Test func makesTensors() throws {
    let table: JSON = [["id": 7, "x": 0.5, "flag": true, "y": "M"], ["id": 8, "x": 2, "flag": false, "y": "B"]]
    let made = try bench.json(
      "std.table.to_tensor", ["table": table, "drop": ["id"], "target": "y", "positive": "M"])
    #expect(made["features"] == [[0.5, 1.0], [2.0, 0.0]])
    #expect(made["target"] == [1.0, 0.0])
    #expect(made["names"] == ["x", "flag"])
    let chosen = try bench.json("std.table.matrix", ["table": table, "columns": ["flag", "id"]])
    #expect(chosen["features"] == [[1.0, 7.0], [0.0, 8.0]] && chosen["names"] == ["flag", "id"])
  }

  @Test func refusesWhatIsNoNumber() throws {
    let text = try bench.failure("std.table.matrix", ["table": [["x": "a"]]])
    #expect(text.code == "table.type" && text.message.contains("column `x` holds strings"))
    let missing: JSON = [["x": 1.5], ["x": nil]]
    let null = try bench.failure("std.table.matrix", ["table": missing])
    #expect(null.code == "table.null" && null.message.contains("row 2"))
    let kept = try bench.json("std.table.matrix", ["table": missing, "missing": "nan"])["features"]
    guard case .float(let gap) = kept?.asArray?.last?.asArray?.first else {
      throw Unexpected("\(String(describing: kept))")
    }
    #expect(gap.isNaN)
  }

  @Test func describesColumns() throws {
    let table: JSON = [["x": 1, "t": "a"], ["x": 3, "t": nil], ["x": nil, "t": "b"]]
    #expect(
      try bench.json("std.table.describe", ["table": table])["summary"] == [
        [
          "name": "x", "type": "int", "missing": 1, "mean": 2.0, "std": .float(2.0.squareRoot()), "min": 1.0,
          "max": 3.0,
        ],
        ["name": "t", "type": "string", "missing": 1, "mean": nil, "std": nil, "min": nil, "max": nil],
      ])
  }
}
