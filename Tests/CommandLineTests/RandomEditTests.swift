import Foundation
import Testing
import Values

private let start = """
  assay 1
  # Größe 🙂
  use "./tool.so" as tool

  workflow main {
    in n: int = 9
    step a = tool.twice(x: n) # 漢字
    step b = tool.twice(x: i) foreach i in range(5) { retry 2 }
    out y: string = fmt("é {}", a.y)
  }

  """

private let pieces = [
  "a", "é", "漢", "🙂", "\n", "\r\n", "\r", "}", "{", "(", ")", "\"", "# ", " step x = tool.twice(x: ",
  "  out q: int = a.",
  "workflow w {", "\t", ".", ",", "foreach i in ", "use ", "", "", "", "",
]

/// Thousands of edits that an editor sends in pieces give what the whole text gives, whatever it is; and every question has an
/// answer on the way.
@Test(arguments: ["utf-8", "utf-16", "utf-32"])
func editsInPiecesAreTheWholeText(encoding: String) throws {
  let client = try EditorClient(
    try Project(),
    capabilities: [
      "general": ["positionEncodings": [.string(encoding)]],
      "textDocument": ["documentSymbol": ["hierarchicalDocumentSymbolSupport": true]],
    ])
  var random = SplitMix(seed: UInt64(encoding.utf8.reduce(7) { $0 &* 31 &+ Int($1) }))
  var text = start
  try client.open("pieces.assay", text)
  try client.open("whole.assay", text)
  let methods = ["documentSymbol", "foldingRange", "semanticTokens/full", "formatting", "inlayHint"]
  for version in 2..<80 {
    var changes: [JSON] = []
    for _ in 0..<Int.random(in: 1...40, using: &random) { changes.append(change(&text, encoding, &random)) }
    let uri: JSON = ["uri": .string(client.uri("pieces.assay"))]
    try client.notify(
      "textDocument/didChange",
      [
        "textDocument": ["uri": .string(client.uri("pieces.assay")), "version": .int(Int64(version))],
        "contentChanges": .array(changes),
      ])
    try client.replace("whole.assay", text, version: Int64(version))
    for method in methods {
      let answers = try ["pieces.assay", "whole.assay"].map { name in
        try client.request("textDocument/" + method, ["textDocument": ["uri": .string(client.uri(name))]])
      }
      #expect(answers[0] == answers[1], "\(method) after version \(version): \(text)")
    }
    let place: JSON = [
      "line": .int(Int64.random(in: 0...9, using: &random)),
      "character": .int(Int64.random(in: 0...20, using: &random)),
    ]
    for method in ["completion", "hover", "definition", "references", "signatureHelp", "documentHighlight"] {
      _ = try client.request("textDocument/" + method, ["textDocument": uri, "position": place])
    }
    if text.utf8.count > 2000 { text = start }
    if text == start { try client.replace("pieces.assay", text, version: Int64(version)) }
  }
  #expect(try client.shutDown() == 0)
}

/// One random change, made to the text and as the protocol says it.
private func change(_ text: inout String, _ encoding: String, _ random: inout SplitMix) -> JSON {
  let scalars = Array(text.unicodeScalars)
  let from = Int.random(in: 0...scalars.count, using: &random)
  let to = min(scalars.count, from + [0, 0, 0, 1, 2, 9].randomElement(using: &random, or: 0))
  let new = pieces.randomElement(using: &random, or: "")
  // There is no position between `\r` and `\n`.
  func isInside(_ at: Int) -> Bool { at > 0 && at < scalars.count && scalars[at - 1] == "\r" && scalars[at] == "\n" }
  guard !isInside(from), !isInside(to) else { return change(&text, encoding, &random) }
  let range: JSON = ["start": position(from, scalars, encoding), "end": position(to, scalars, encoding)]
  var result = String.UnicodeScalarView()
  result.append(contentsOf: scalars[..<from])
  result.append(contentsOf: new.unicodeScalars)
  result.append(contentsOf: scalars[to...])
  text = String(result)
  return ["range": range, "text": .string(new)]
}

private func position(_ index: Int, _ scalars: [Unicode.Scalar], _ encoding: String) -> JSON {
  var line: Int64 = 0
  var character = 0
  for (place, scalar) in scalars[..<index].enumerated() {
    let isBreak = scalar == "\n" || scalar == "\r" && !(place + 1 < scalars.count && scalars[place + 1] == "\n")
    if isBreak {
      line += 1
      character = 0
    } else {
      character +=
        encoding == "utf-8" ? String(scalar).utf8.count : encoding == "utf-16" ? String(scalar).utf16.count : 1
    }
  }
  return ["line": .int(line), "character": .int(Int64(character))]
}

/// Repeatable random numbers.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension Array {
  fileprivate func randomElement(using random: inout SplitMix, or fallback: Element) -> Element {
    randomElement(using: &random) ?? fallback
  }
}
