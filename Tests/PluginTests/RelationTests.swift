import PluginHarness
import Tasks
import Testing
import Values

/// std.table's sort, filter, group and join.
@Suite struct RelationTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  private static let people: JSON = [
    ["id": 2, "team": "b", "age": 30.5], ["id": 1, "team": "a", "age": nil], ["id": 3, "team": nil, "age": 20.0],
    ["id": 4, "team": "a", "age": 40.0],
  ]

  private func ids(_ table: JSON?) -> [Int64] { table?.asArray?.compactMap { $0["id"]?.asInt } ?? [] }

  @Test(
    arguments: [
      (["age"], false, [3, 2, 4, 1]), (["age"], true, [4, 2, 3, 1]), (["team", "id"], false, [1, 4, 2, 3]),
      (["team"], true, [2, 1, 4, 3]),
    ] as [(JSON, Bool, [Int64])])
  func sorts(by: JSON, descending: Bool, order: [Int64]) throws {
    let table = try bench.json("std.table.sort", ["table": Self.people, "by": by, "descending": .bool(descending)])[
      "table"]
    #expect(ids(table) == order)
  }

  @Test(
    arguments: [
      ("age", ">", 25, [2, 4]), ("age", "<=", 30.5, [2, 3]), ("team", "==", "a", [1, 4]), ("team", "!=", "a", [2]),
      ("age", "missing", nil, [1]), ("team", "present", nil, [2, 1, 4]), ("id", ">=", 2.5, [3, 4]),
      ("team", "<", "b", [1, 4]),
    ] as [(String, String, JSON, [Int64])])
  func filters(column: String, op: String, value: JSON, kept: [Int64]) throws {
    let inputs: [String: JSON] = ["table": Self.people, "column": .string(column), "op": .string(op), "value": value]
    #expect(ids(try bench.json("std.table.filter", inputs)["table"]) == kept)
  }

  @Test(arguments: [("age", "x"), ("team", 1), ("age", nil), ("age", true), ("team", [1])] as [(String, JSON)])
  func filtersOnlyWithTheSameKind(column: String, value: JSON) throws {
    let failure = try bench.failure(
      "std.table.filter", ["table": Self.people, "column": .string(column), "value": value])
    #expect(failure.code == "table.type")
  }

  @Test func groups() throws {
    let table = try bench.json("std.table.group", ["table": Self.people, "by": ["team"], "of": "age"])["table"]
    #expect(
      table == [
        ["team": "a", "count": 2, "sum": 40.0, "mean": 40.0, "min": 40.0, "max": 40.0],
        ["team": "b", "count": 1, "sum": 30.5, "mean": 30.5, "min": 30.5, "max": 30.5],
        ["team": nil, "count": 1, "sum": 20.0, "mean": 20.0, "min": 20.0, "max": 20.0],
      ])
    #expect(try bench.json("std.table.group", ["table": Self.people, "by": ["team"]])["table"]?.asArray?.count == 3)
  }

  @Test func joins() throws {
    let teams: JSON = [
      ["team": "a", "age": 1, "city": "Rome"], ["team": "a", "age": 2, "city": "Oslo"],
      ["team": nil, "age": 3, "city": "X"],
    ]
    let inner = try bench.json("std.table.join", ["left": Self.people, "right": teams, "on": ["team"]])["table"]
    #expect(
      inner == [
        ["id": 1, "team": "a", "age": nil, "age_right": 1, "city": "Rome"],
        ["id": 1, "team": "a", "age": nil, "age_right": 2, "city": "Oslo"],
        ["id": 4, "team": "a", "age": 40.0, "age_right": 1, "city": "Rome"],
        ["id": 4, "team": "a", "age": 40.0, "age_right": 2, "city": "Oslo"],
      ])
    let left = try bench.json("std.table.join", ["left": Self.people, "right": teams, "on": ["team"], "kind": "left"])[
      "table"]
    #expect(ids(left) == [2, 1, 1, 3, 4, 4])
    #expect(left?.asArray?.first?["city"] == .null)
    #expect(
      try bench.failure("std.table.join", ["left": Self.people, "right": [["team": 1]], "on": ["team"]]).code
        == "table.type")
    #expect(
      try bench.failure("std.table.join", ["left": Self.people, "right": teams, "on": ["x"]]).code == "table.column")
    #expect(
      try bench.failure("std.table.join", ["left": Self.people, "right": teams, "on": []]).code == "table.column")
  }
}
