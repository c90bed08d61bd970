import Diagnostics
import Foundation
import Syntax

/// The documents in `Tests/Corpus/assay`, by file name.
enum Corpus {
  static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Corpus/assay")

  static let names: [String] = {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return all.filter { $0.hasSuffix(".assay") }.sorted()
  }()

  static func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: directory.appendingPathComponent(name)), as: UTF8.self)
  }
}

/// Repeatable random numbers.
struct Generator: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

func parse(_ text: String) -> SyntaxTree { Parser.parse(SourceFile(path: "test.assay", text: text)) }

/// The document, put together again from its tokens and the gaps between them.
func printed(_ tokens: [Token], of bytes: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  var end = 0
  for token in tokens {
    result += bytes[end..<token.start]
    result += bytes[token.start..<token.end]
    end = token.end
  }
  return result
}

/// Puts edits into a text, last first; nil when they overlap.
func applying(_ edits: [TextEdit], to text: String) -> String? {
  var bytes = Array(text.utf8)
  let sorted = edits.sorted { ($0.span.start, $0.span.end) < ($1.span.start, $1.span.end) }
  for (first, second) in zip(sorted, sorted.dropFirst()) where first.span.end > second.span.start { return nil }
  for edit in sorted.reversed() { bytes.replaceSubrange(edit.span.start..<edit.span.end, with: Array(edit.text.utf8)) }
  return String(decoding: bytes, as: UTF8.self)
}

/// All comments, trailing white space left out.
func comments(of text: String) -> [String] {
  let bytes = Array(text.utf8)
  var result: [String] = []
  var end = 0
  for token in Lexer.tokens(of: bytes) {
    let gap = String(decoding: bytes[end..<token.start], as: UTF8.self)
    for line in gap.split(separator: "\n") {
      guard let start = line.firstIndex(of: "#") else { continue }
      result.append(String(line[start...]).trimmingCharacters(in: .whitespaces))
    }
    end = token.end
  }
  return result
}
