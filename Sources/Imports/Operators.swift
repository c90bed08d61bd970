/// How tightly operators bind in text: the parser's table, seen from the writer.
enum Operators {
  static let levels: [String: Int] = [
    "??": 0, "or": 1, "and": 2, "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "+": 4, "-": 4, "*": 5, "/": 5,
  ]
  static let comparisons: Set<String> = ["==", "!=", "<", "<=", ">", ">="]
  /// Of `not`: it takes a whole comparison.
  static let not = 3
  /// Of `-` before an operand.
  static let negation = 6
  static let primary = 7
}
