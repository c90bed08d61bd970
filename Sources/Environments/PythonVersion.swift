/// The release numbers of a Python: `3.11.2`. Pre-release suffixes (`3.14.0rc1`) are kept in the text only.
package struct PythonVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
  package var numbers: [Int]
  package var text: String

  package init?(_ text: some StringProtocol) {
    var numbers: [Int] = []
    var rest = text[...]
    while let digits = Optional(rest.prefix { $0.isASCII && $0.isNumber }), !digits.isEmpty {
      guard let number = Int(digits), numbers.count < 8 else { return nil }
      numbers.append(number)
      rest = rest.dropFirst(digits.count)
      guard rest.first == "." else { break }
      rest = rest.dropFirst()
    }
    guard !numbers.isEmpty, rest.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "+" }) else { return nil }
    self.numbers = numbers
    self.text = String(text)
  }

  package var description: String { text }

  /// Missing numbers count as zero: `3.11` is `3.11.0`.
  static func order(_ a: [Int], _ b: [Int]) -> Int {
    for index in 0..<max(a.count, b.count) {
      let x = index < a.count ? a[index] : 0
      let y = index < b.count ? b[index] : 0
      if x != y { return x < y ? -1 : 1 }
    }
    return 0
  }

  package static func < (a: Self, b: Self) -> Bool { order(a.numbers, b.numbers) < 0 }
}

/// A PEP 440 version specifier over release numbers: `>=3.10,<3.14`, `~=3.11`, `==3.12.*`.
package struct VersionSpecifier: Hashable, Sendable, CustomStringConvertible {
  enum Comparison: String, CaseIterable, Sendable {
    // Longest first: the parser takes the first that matches.
    case identical = "==="
    case equal = "=="
    case unequal = "!="
    case compatible = "~="
    case atLeast = ">="
    case atMost = "<="
    case above = ">"
    case below = "<"
  }

  struct Clause: Hashable, Sendable {
    var comparison: Comparison
    var numbers: [Int]
    /// `3.12.*`.
    var isPrefix: Bool

    func accepts(_ version: [Int]) -> Bool {
      let order = PythonVersion.order(version, numbers)
      let begins = Array(version.prefix(numbers.count)) == numbers
      switch comparison {
      case .equal: return isPrefix ? begins : order == 0
      case .unequal: return isPrefix ? !begins : order != 0
      case .identical: return version == numbers
      case .compatible: return order >= 0 && Array(version.prefix(numbers.count - 1)) == Array(numbers.dropLast())
      case .atLeast: return order >= 0
      case .atMost: return order <= 0
      case .above: return order > 0
      case .below: return order < 0
      }
    }
  }

  var clauses: [Clause]
  package let description: String

  /// Nil when it is not a specifier.
  package init?(_ text: String) {
    clauses = []
    description = text
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let clause = part.filter { !$0.isWhitespace }
      if clause.isEmpty && text.allSatisfy({ $0.isWhitespace }) { continue }
      guard let comparison = Comparison.allCases.first(where: { clause.hasPrefix($0.rawValue) }) else { return nil }
      var number = clause.dropFirst(comparison.rawValue.count)
      let isPrefix = number.hasSuffix(".*")
      if isPrefix {
        guard comparison == .equal || comparison == .unequal else { return nil }
        number = number.dropLast(2)
      }
      guard let version = PythonVersion(number) else { return nil }
      if comparison == .compatible && version.numbers.count < 2 { return nil }
      clauses.append(Clause(comparison: comparison, numbers: version.numbers, isPrefix: isPrefix))
    }
  }

  package func accepts(_ version: PythonVersion) -> Bool { clauses.allSatisfy { $0.accepts(version.numbers) } }
}
