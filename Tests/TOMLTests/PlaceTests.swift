import TOML
import Testing

@Suite struct PlaceTests {
  private func places(_ table: TOMLTable, _ prefix: String = "") -> [String] {
    table.entries.flatMap { entry -> [String] in
      let name = prefix + entry.key
      let own =
        "\(name) \(entry.keyPlace.line):\(entry.keyPlace.column) \(entry.value.place.line):\(entry.value.place.column)"
      switch entry.value.content {
      case .table(let inner): return [own] + places(inner, name + ".")
      case .array(let items):
        return [own]
          + items.enumerated().flatMap { index, item in
            ["\(name)[\(index)] \(item.place.line):\(item.place.column)"]
              + (item.table.map { places($0, "\(name)[\(index)].") } ?? [])
          }
      default: return [own]
      }
    }
  }

  @Test func everyNameAndValueHasItsPlace() throws {
    let text =
      "'é' = \"ü\"  # c\r\nlist = [\n  1, 'x',\n  { k.l = 2 },\n]\n[t.u]\n v = '''\n\n''' # c\nw = 1\n[[s]]\nx = 1\n[[s]]\n"
    #expect(
      places(try TOMLTable.parse(text)) == [
        "é 1:1 1:7", "list 2:1 2:8", "list[0] 3:3", "list[1] 3:6", "list[2] 4:3", "list[2].k 4:5 4:5",
        "list[2].k.l 4:7 4:11", "t 6:2 6:2", "t.u 6:4 6:4", "t.u.v 7:2 7:6", "t.u.w 10:1 10:5", "s 11:3 11:3",
        "s[0] 11:3", "s[0].x 12:1 12:5", "s[1] 13:3",
      ])
  }

  @Test func spansCutTheTextOut() throws {
    let text = "a = [ 1, \"two\" ]\nb.'c d' = 1979-05-27 07:32:00 # x\n"
    let table = try TOMLTable.parse(text)
    let bytes = Array(text.utf8)
    func cut(_ place: TOMLPlace?) -> String {
      String(decoding: bytes[(place?.start ?? 0)..<(place?.end ?? 0)], as: UTF8.self)
    }
    #expect(cut(table["a"]?.place) == "[ 1, \"two\" ]")
    #expect(cut(table["a"]?.array?.last?.place) == "\"two\"")
    #expect(cut(table["b"]?.table?.entry("c d")?.keyPlace) == "'c d'")
    #expect(cut(table["b"]?.table?["c d"]?.place) == "1979-05-27 07:32:00")
  }

  @Test(arguments: [
    ("a = \"x", "line 1, column 5: expected the closing \" of this text"),
    ("\nb = 1\nb = 2", "line 3, column 1: `b` is defined twice, first in line 2"),
    ("a = yes", "line 1, column 5: `yes` is no number, date, true or false; a text has quotation marks: \"yes\""),
    ("a = 1 b = 2", "line 1, column 7: expected the end of the line, found `b`"),
    ("[a]\nx = 1\n[a]", "line 3, column 2: `a` is defined twice, first in line 1"),
    ("a = \"\\q\"", "line 1, column 7: expected an escape"), ("é 1", "line 1, column 1: expected a name, found `é`"),
    ("a = [1\n", "line 2, column 1: expected `,` or `]`, found the end of the text"),
    ("# \u{1}", "line 1, column 3: a control character (U+0001) in a comment"),
    ("a = { x = 1,\n}", "line 1, column 13: expected a name, found the end of the line"),
  ])
  func mistakesHaveTheirPlace(text: String, message: String) {
    let error = #expect(throws: TOMLError.self) { try TOMLTable.parse(text) }
    #expect(error?.description.hasPrefix(message) == true, "\(String(describing: error))")
  }

  @Test(arguments: [
    "a = \(String(repeating: "[", count: 100_000))", "a = \(String(repeating: "{a=", count: 100_000))",
    String(repeating: "a.", count: 100_000) + "a = 1", "[" + String(repeating: "a.", count: 100_000) + "a]",
    "a = " + String(repeating: "{" + String(repeating: "b.", count: 120) + "b = ", count: 120),
  ])
  func depthIsLimited(text: String) {
    let error = #expect(throws: TOMLError.self) { try TOMLTable.parse(text) }
    #expect(error?.message == "nested too deeply")
  }

  @Test func manyTablesAreReadInLinearTime() throws {
    let text = (0..<20_000).map { "[[t]]\nx = \($0)\n" }.joined()
    #expect(try TOMLTable.parse(text)["t"]?.array?.count == 20_000)
  }
}
