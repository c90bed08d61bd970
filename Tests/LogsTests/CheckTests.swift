import Diagnostics
import Logs
import Testing
import Workflows

private let ocel = """
  {"eventTypes": [{"name": "fit", "attributes": [{"name": "rows", "type": "integer"}, {"name": "at", "type": "time"}]}],
   "objectTypes": [{"name": "run", "attributes": [{"name": "share", "type": "float"}]}],
   "events": [
    {"id": "e1", "type": "fit", "time": "2026-01-05T08:10:00Z", "attributes": [{"name": "rows", "value": 5}],
     "relationships": [{"objectId": "o1", "qualifier": "of"}]},
    {"id": "e2", "type": "fit", "time": "2026-01-05T08:11:00+01:00", "attributes": [{"name": "rows", "value": "7"}],
     "relationships": [{"objectId": "o1", "qualifier": "of"}]}],
   "objects": [
    {"id": "o1", "type": "run", "attributes": [{"name": "share", "time": "1970-01-01T00:00:00Z", "value": 1}],
     "relationships": [{"objectId": "o2", "qualifier": "after"}]},
    {"id": "o2", "type": "run"}]}
  """

private let xes = """
  <?xml version="1.0" encoding="UTF-8"?>
  <!-- a log -->
  <log xes.version="1849-2016" xmlns="http://www.xes-standard.org/">
    <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
    <global scope="event"><date key="time:timestamp" value="1970-01-01T00:00:00Z"/></global>
    <classifier name="Activity" keys="concept:name"/>
    <trace>
      <string key="concept:name" value="a &amp; b"/>
      <event>
        <string key="concept:name" value="fit"/><date key="time:timestamp" value="2026-01-05T08:10:00.000+00:00"/>
        <date key="start_timestamp" value="2026-01-05T08:09:00Z"/><int key="rows" value="5"/>
        <list key="parts"><values><string key="part" value="1"/><string key="part" value="2"/></values></list>
      </event>
    </trace>
    <trace><string key="concept:name" value="c"/><event>
      <string key="concept:name" value="fit"/><date key="time:timestamp" value="2026-01-05T08:10:00Z"/>
    </event></trace>
  </log>
  """

private func check(_ text: String) -> LogReport { LogReport(checking: Array(text.utf8)) }

/// The rule and the line of each problem.
private func found(_ text: String) -> [String] {
  let file = SourceFile(path: "log", text: text)
  return check(text).problems.map { "\($0.rule.rawValue):\(file.position(at: $0.offset).line)" }
}

@Suite struct CheckTests {
  @Test func soundLogsAreSound() {
    #expect(check(ocel).problems.map(\.message) == [])
    #expect([check(ocel).events, check(ocel).objects] == [2, 2])
    #expect(check(xes).problems.map(\.message) == [])
    #expect([check(xes).events, check(xes).traces] == [2, 2])
    #expect(found("\u{FEFF}" + ocel) == [])
    #expect(found("\u{FEFF}" + xes) == [])
  }

  /// What readers take without a word: each named, at its line, and nothing else.
  @Test(arguments: [
    (#""objectId": "o1""#, #""objectId": "nope""#, "E1105:5"),
    (#""objectId": "o2""#, #""objectId": "nope""#, "E1105:10"),
    (#", "qualifier": "of""#, "", "E1102:5"), (#""type": "fit""#, #""type": "zzz""#, "E1103:4"),
    (#""type": "run", "attr"#, #""type": "zzz", "attr"#, "E1103:9"),
    (#""time": "2026-01-05T08:10:00Z", "#, "", "E1106:4"),
    ("2026-01-05T08:10:00Z", "yesterday", "E1106:4"), ("2026-01-05T08:10:00Z", "2026-01-05T08:10:00", "E1106:4"),
    (#""2026-01-05T08:10:00Z""#, "1767600600", "E1106:4"), (#""id": "e2""#, #""id": "e1""#, "E1104:6"),
    (#""id": "o2""#, #""id": "o1""#, "E1104:11"),
    (#"{"name": "rows", "value": 5}"#, #"{"name": "row", "value": 5}"#, "E1103:4"),
    (#""value": 5"#, #""value": "five""#, "E1107:4"), (#""value": 5"#, #""value": 5.5"#, "E1107:4"),
    (#""value": "7""#, #""value": true"#, "E1107:6"), (#", "value": 5"#, "", "E1102:4"),
    (#""time": "1970-01-01T00:00:00Z", "#, "", "E1106:9"), (#""type": "integer""#, #""type": "number""#, "E1102:1"),
    (#"{"objectId": "o1", "qualifier": "of"}"#, "", "W1101:4"), (#""id": "e1", "#, "", "E1102:4"),
    (
      #"[{"name": "rows", "value": 5}]"#, #"[{"name": "rows", "value": 5}, {"name": "rows", "value": 6}]"#, "E1104:4"
    ),
    (
      #"{"objectId": "o1", "qualifier": "of"}"#,
      #"{"objectId": "o1", "qualifier": "of"}, {"objectId": "o1", "qualifier": "of"}"#,
      "W1101:5"
    ), (#""attributes": [{"name": "rows", "value": 5}]"#, #""attributes": 5"#, "E1102:4"),
    (#"{"id": "o2", "type": "run"}]}"#, #"{"id": "o2", "type": "run"}, 5]}"#, "E1102:11"),
  ])
  func mistakesInOCEL(_ part: String, _ wrong: String, _ expected: String) throws {
    let place = try #require(ocel.firstRange(of: part))
    var text = ocel
    text.replaceSubrange(place, with: wrong)
    let all = found(text)
    #expect(all.contains(expected), "\(all)")
    #expect(all.count <= 2, "\(all)")
  }

  @Test(arguments: ["eventTypes", "objectTypes", "events", "objects"])
  func eachListHasToBeThere(_ list: String) {
    let without = ocel.replacing("\"\(list)\":", with: "\"other\":")
    #expect(check(without).problems.contains { $0.message == "the log has no `\(list)`" })
  }

  @Test(arguments: [
    ("2026-01-05T08:10:00.000+00:00", "yesterday", "E1106:10"),
    ("2026-01-05T08:10:00.000+00:00", "2026-01-05T08:10:00", "E1106:10"),
    (#"<date key="time:timestamp" value="2026-01-05T08:10:00.000+00:00"/>"#, "", "E1106:9"),
    (#"<string key="concept:name" value="fit"/>"#, "", "E1102:9"),
    (#"<string key="concept:name" value="a &amp; b"/>"#, "", "E1102:7"),
    (#"value="a &amp; b""#, #"value="c""#, "E1104:15"), ("2026-01-05T08:09:00Z", "2026-01-05T08:12:00Z", "E1106:9"),
    (#"<int key="rows" value="5"/>"#, #"<int key="rows" value="five"/>"#, "E1107:11"),
    (#"<int key="rows" value="5"/>"#, #"<int key="rows"/>"#, "E1102:11"),
    (#"<int key="rows" value="5"/>"#, #"<number key="rows" value="5"/>"#, "E1102:11"),
    (#"<int key="rows" value="5"/>"#, "text", "E1102:11"),
    (#"<int key="rows" value="5"/>"#, #"<string key="concept:name" value="x"/>"#, "E1104:11"),
    ("a &amp; b", "a & b", "E1101:8"), ("a &amp; b", "&other;", "E1101:8"),
    ("<!-- a log -->", "<!DOCTYPE log>", "E1101:2"),
    ("</event>\n  </trace>", "</trace>\n  </event>", "E1101:13"), ("UTF-8", "latin-1", "E1101:1"),
    (#"scope="event""#, #"scope="log""#, "E1102:5"), (#" keys="concept:name""#, "", "E1102:6"),
  ])
  func mistakesInXES(_ part: String, _ wrong: String, _ expected: String) throws {
    let place = try #require(xes.firstRange(of: part))
    var text = xes
    text.replaceSubrange(place, with: wrong)
    let all = found(text)
    #expect(all.contains(expected), "\(all)")
    #expect(all.count <= 2, "\(all)")
  }

  @Test func anEntityIsNeitherExpandedNorFetched() {
    let bomb = """
      <?xml version="1.0"?>
      <!DOCTYPE log [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>
      <log><trace><string key="concept:name" value="&b;&c;"/></trace></log>
      """
    #expect(found(bomb) == ["E1101:2"])
  }

  @Test(arguments: ["", "hello", "[1]", "{", "{}", "<", "<log", "<log/>", "<log></log", "<trace/>", "\u{1F}\u{8B}"])
  func anythingElseIsSaid(_ text: String) {
    #expect(!check(text).problems.isEmpty || text == "<log/>")
  }

  @Test func aFileThatIsWrongInEachLineHasOneListOfMistakes() {
    let event = #"{"id": "e", "type": "x", "time": 1}"#
    let many =
      #"{"eventTypes": [], "objectTypes": [], "objects": [], "events": ["#
      + Array(repeating: event, count: 2000).joined(separator: ",\n") + "]}"
    let report = check(many)
    #expect(report.problems.count == LogReport.limit)
    #expect(report.errors == 2000 * 2 + 1999)
    #expect(report.warnings == 2000)
  }

  @Test(arguments: Explanations.all.filter { $0.code.dropFirst().hasPrefix("11") })
  func explanationsAreWhatTheySay(_ explanation: Explanation) {
    #expect(check(explanation.wrong).problems.map(\.rule.rawValue).contains(explanation.code))
    #expect(check(explanation.right).problems.map(\.message) == [])
    #expect(Explanations.all.filter { $0.code.dropFirst().hasPrefix("11") }.count == LogProblem.Rule.allCases.count)
  }

  /// Whatever is done to a log, the answer points into it.
  @Test func damagedLogsAreAnswered() {
    var state: UInt64 = 7
    func draw(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    for sound in [Array(ocel.utf8), Array(xes.utf8)] {
      for _ in 0..<400 {
        var bytes = sound
        for _ in 0...draw(3) {
          let at = draw(bytes.count)
          switch draw(4) {
          case 0: bytes[at] = UInt8(draw(256))
          case 1: bytes.remove(at: at)
          case 2: bytes.insert(bytes[draw(bytes.count)], at: at)
          default: bytes.removeSubrange(at..<min(bytes.count, at + draw(60)))
          }
        }
        let report = LogReport(checking: bytes)
        #expect(report.problems.allSatisfy { $0.offset >= 0 && $0.offset + $0.length <= bytes.count + 1 })
      }
    }
  }
}
