/// Reads a signature as C compilers print it: `double (*)(double,  const struct point *)`.
enum SignatureText {
  static func parse(_ text: String) -> RealSignature? {
    let text = withoutAttributes(text)
    guard let open = text.firstRange(of: "(*)("), text.hasSuffix(")") else { return nil }
    let result = type(String(text[..<open.lowerBound]))
    let inside = text[open.upperBound..<text.index(before: text.endIndex)]
    var signature = RealSignature(result: result, parameters: [])
    for part in split(inside) {
      let word = part.trimmed
      if word == "void" || word.isEmpty { continue }
      if word == "..." { signature.isVariadic = true } else { signature.parameters.append(type(word)) }
    }
    return signature
  }

  /// `__attribute__((const)) div_t (*)(int, int)` loses its first words.
  private static func withoutAttributes(_ text: String) -> String {
    var rest = text
    while let start = rest.firstRange(of: "__attribute__(("), let end = rest[start.upperBound...].firstRange(of: "))") {
      rest.removeSubrange(start.lowerBound..<end.upperBound)
    }
    return rest
  }

  /// At the commas outside of parentheses.
  private static func split(_ text: Substring) -> [String] {
    var parts: [String] = [""]
    var depth = 0
    for character in text {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if character == "," && depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
    }
    return parts
  }

  private static func type(_ text: String) -> RealType {
    let text = text.trimmed
    if text.contains("(*)(") { return parse(text).map { .pointer(.function($0), isConst: false) } ?? .unknown(text) }
    guard let star = text.lastIndex(of: "*") else { return value(text) }
    let inner = String(text[..<star]).trimmed
    if inner.hasSuffix("*") || inner.hasSuffix("* const") {
      return .pointer(.pointer(.unknown(inner), isConst: false), isConst: false)
    }
    let words = inner.split(separator: " ")
    return .pointer(value(inner), isConst: words.contains("const"))
  }

  private static func value(_ text: String) -> RealType {
    let words = text.split(separator: " ").map(String.init).filter { !["const", "volatile", "restrict"].contains($0) }
    let known: Set = ["long", "unsigned", "signed", "short", "char", "int", "float", "double", "_Bool", "bool", "void"]
    guard words.allSatisfy(known.contains), !words.isEmpty else {
      if words.first == "enum" { return .enumeration(size: 4) }
      return .structure(words.joined(separator: " "))
    }
    if words == ["void"] { return .void }
    if words.contains("float") { return .float(size: 4) }
    if words.contains("double") { return .float(size: words.contains("long") ? 16 : 8) }
    if words.contains("_Bool") || words.contains("bool") { return .boolean(size: 1) }
    let size = words.contains("char") ? 1 : words.contains("short") ? 2 : words.contains("long") ? 8 : 4
    return .integer(size: size, isSigned: !words.contains("unsigned"))
  }
}

extension String {
  var trimmed: String {
    var rest = self[...]
    while rest.first == " " { rest = rest.dropFirst() }
    while rest.last == " " { rest = rest.dropLast() }
    return String(rest)
  }
}
