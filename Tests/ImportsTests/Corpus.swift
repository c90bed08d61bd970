import Diagnostics
import Foundation
import Imports
import Syntax
import Values

enum Corpus {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let folder = root.appending(path: "Tests/Corpus/assay")

  static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasSuffix(".assay") }.sorted()

  static func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
  }
}

func parse(_ text: String) -> SyntaxTree { Parser.parse(SourceFile(path: "test.assay", text: text)) }

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

/// A workflow around one expression.
func holding(_ expression: JSON) -> JSON {
  [
    "schema": "assay.document/1",
    "workflows": [["name": "w", "outputs": [["name": "x", "type": "any", "value": expression]]]],
  ]
}

/// Random expressions in their canonical form.
struct Expressions {
  var random: Generator

  mutating func next(_ depth: Int) -> JSON {
    let leaf = depth <= 0 || Int.random(in: 0..<5, using: &random) == 0
    switch Int.random(in: 0..<(leaf ? 9 : 17), using: &random) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &random))
    case 2: return .int(Int64.random(in: -1000...1000, using: &random))
    case 3: return .float(Double(Int.random(in: -999...999, using: &random)) / 64)
    case 4: return .string(["", "plain", "qu\"ote\\ \n\t{}", "é🙂", "\u{1}"].randomElement(using: &random) ?? "")
    case 5: return ["duration": "5m"]
    case 6: return ["size": "2GiB"]
    case 7: return ["number": "99999999999999999999"]
    case 8: return reference()
    case 9: return .array(items(0...3, depth))
    case 10: return ["record": .object(items(0...3, depth).enumerated().map { .init("f\($0.offset)", $0.element) })]
    case 11: return ["call": "size", "arguments": .array(items(0...3, depth))]
    case 12: return ["field": "name", "of": next(depth - 1)]
    case 13: return negated(next(depth - 1))
    case 14: return ["op": "not", "of": [next(depth - 1)]]
    case 15:
      let sign = ["==", "!=", "<", "<=", ">", ">="].randomElement(using: &random) ?? "=="
      return ["op": .string(sign), "of": .array(items(2...2, depth))]
    default:
      let sign = ["??", "or", "and", "+", "-", "*", "/"].randomElement(using: &random) ?? "+"
      var operands = items(2...4, depth)
      // A first operand of the same operation would be part of it.
      if operands[0]["op"] == .string(sign), operands[0]["of"]?.asArray?.count ?? 0 > 1 { operands[0] = reference() }
      return ["op": .string(sign), "of": .array(operands)]
    }
  }

  private mutating func items(_ count: ClosedRange<Int>, _ depth: Int) -> [JSON] {
    (0..<Int.random(in: count, using: &random)).map { _ in next(depth - 1) }
  }

  private mutating func reference() -> JSON {
    let names = ["a", "step", "in", "and", "max", "split", "train_2"].shuffled(using: &random)
    return ["ref": .array(names.prefix(Int.random(in: 1...3, using: &random)).map { .string($0) })]
  }

  /// The sign of a number is part of the number.
  private func negated(_ operand: JSON) -> JSON {
    switch operand {
    case .int(let number) where number >= 0: .int(-number)
    case .float(let number) where number >= 0: .float(-number)
    default: ["op": "-", "of": [operand]]
    }
  }
}
