import Foundation
import TOML
import Testing

/// Python's `tomllib` reads the same documents; both must accept the same ones, and find the same in them.
@Suite struct OracleTests {
  @Test func readsWhatPythonReads() throws {
    #expect(try disagreements(documents) == [])
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func readsMutatedDocumentsAlike(seed: UInt64) throws {
    var random = Random(state: seed)
    let mutated = (0..<2500).map { _ in random.mutated(documents) }
    #expect(try disagreements(mutated) == [])
  }

  @Test func isNotFooledByAlwaysAgreeing() throws {
    #expect(try disagreements(["a = 1"], reading: { _ in nil }).count == 1)
    #expect(try disagreements(["a = "], reading: { _ in [:] }).count == 1)
    #expect(try disagreements(["a = 1.5"], reading: { _ in ["a": ["float", "1.25"]] }).count == 1)
  }
}

private func parsed(_ text: String) -> [String: Any]? {
  guard let table = try? TOMLTable.parse(text) else { return nil }
  return tagged(table)
}

private func tagged(_ table: TOMLTable) -> [String: Any] {
  Dictionary(uniqueKeysWithValues: table.entries.map { ($0.key, tagged($0.value)) })
}

private func tagged(_ value: TOMLValue) -> Any {
  switch value.content {
  case .string(let text): ["string", text]
  case .integer(let number): ["integer", "\(number)"]
  case .float(let number): ["float", "\(number)"]
  case .boolean(let flag): ["boolean", flag]
  case .date(let text): ["date", text]
  case .array(let items): ["array", items.map(tagged)]
  case .table(let table): tagged(table)
  }
}

private let oracle = """
  import json, math, sys, tomllib
  class Refused(Exception): pass
  def same(ours, theirs):
      if isinstance(theirs, dict):
          return isinstance(ours, dict) and ours.keys() == theirs.keys() and all(same(ours[k], theirs[k]) for k in ours)
      if isinstance(ours, dict): return False
      kind, value = ours
      if isinstance(theirs, bool): return kind == 'boolean' and value is theirs
      if isinstance(theirs, int): return kind == 'integer' and int(value) == theirs
      if isinstance(theirs, float):
          return kind == 'float' and repr(float(value)) == repr(theirs)
      if isinstance(theirs, str): return kind == 'string' and value == theirs
      if isinstance(theirs, list):
          return kind == 'array' and len(value) == len(theirs) and all(same(a, b) for a, b in zip(value, theirs))
      return kind == 'date' and tomllib.loads('x = ' + value)['x'] == theirs
  def large(x):
      if isinstance(x, dict): return any(map(large, x.values()))
      if isinstance(x, list): return any(map(large, x))
      return type(x) is int and not -2**63 <= x < 2**63
  def read(text):
      try: document = tomllib.loads(text)
      except (ValueError, RecursionError): return None
      return None if large(document) else document
  wrong = []
  for text, ours in json.load(sys.stdin):
      theirs = read(text)
      if (ours is None) != (theirs is None) or ours is not None and not same(ours, theirs):
          wrong.append(f'{text!r}: ours {ours}, theirs {theirs}')
  json.dump(wrong, sys.stdout)
  """

private func disagreements(_ texts: [String], reading: (String) -> [String: Any]? = parsed) throws -> [String] {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = ["python3", "-c", oracle]
  let (input, output) = (Pipe(), Pipe())
  process.standardInput = input
  process.standardOutput = output
  try process.run()
  let pairs = texts.map { [$0, reading($0) ?? NSNull()] as [Any] }
  try input.fileHandleForWriting.write(contentsOf: JSONSerialization.data(withJSONObject: pairs))
  try input.fileHandleForWriting.close()
  let answer = try output.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  return try #require(JSONSerialization.jsonObject(with: answer) as? [String])
}

/// xorshift64*: the same mutations each time.
private struct Random {
  var state: UInt64

  mutating func below(_ limit: Int) -> Int {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return Int((state &* 0x2545_F491_4F6C_DD1D) >> 33) % max(1, limit)
  }

  mutating func mutated(_ documents: [String]) -> String {
    var scalars = Array(documents[below(documents.count)].unicodeScalars)
    let pieces = Array("[]{}=.,#\"'\\\n\r\t _-+0x1eTZ:ab\u{1}é".unicodeScalars)
    for _ in 0...below(4) {
      let at = below(scalars.count + 1)
      switch below(4) {
      case 0: scalars.insert(pieces[below(pieces.count)], at: at)
      case 1 where at < scalars.count: scalars.remove(at: at)
      case 2 where at < scalars.count: scalars[at] = pieces[below(pieces.count)]
      default: scalars.insert(contentsOf: Array("\n\(documents[below(documents.count)])".unicodeScalars), at: at)
      }
    }
    return String(String.UnicodeScalarView(scalars))
  }
}
