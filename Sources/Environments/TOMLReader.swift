/// As much TOML as inline script metadata uses: tables, keys, strings, arrays; other values are skipped over.
struct TOMLReader {
  indirect enum Value: Equatable {
    case string(String)
    case array([Item])
    /// A number, date, boolean or inline table: nothing that the engine reads.
    case other
  }

  struct Item: Equatable {
    var value: Value
    var line: Int
  }

  struct Entry {
    /// Dotted name of the table, empty at the top.
    var table: String
    var key: String
    var value: Value
    var line: Int
  }

  private let scalars: [Unicode.Scalar]
  private let file: String
  private var position = 0
  private var line: Int
  private var table = ""
  private var depth = 0

  init(text: String, file: String, firstLine: Int) {
    scalars = Array(text.unicodeScalars)
    self.file = file
    line = firstLine
  }

  /// The next `key = value`, or nil at the end.
  mutating func next() throws(EnvironmentError) -> Entry? {
    while true {
      skipBlank()
      guard let scalar = peek else { return nil }
      guard scalar == "[" else { break }
      try readTable()
    }
    let start = line
    let key = try readKey()
    skipSpaces()
    guard take("=") else { throw unexpected("`=` behind the key `\(key)`") }
    skipSpaces()
    let value = try readValue()
    try endLine()
    return Entry(table: table, key: key, value: value, line: start)
  }

  private var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private mutating func advance() {
    if peek == "\n" { line += 1 }
    position += 1
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard peek == scalar else { return false }
    advance()
    return true
  }

  private func unexpected(_ wanted: String) -> EnvironmentError {
    let found = peek.map { $0 == "\n" ? "the end of the line" : "`\($0)`" } ?? "the end of the block"
    return EnvironmentError(.metadata, "expected \(wanted), found \(found)", file: file, line: line)
  }

  private mutating func skipSpaces() { while peek == " " || peek == "\t" { advance() } }

  private mutating func skipComment() {
    guard peek == "#" else { return }
    while let scalar = peek, scalar != "\n" { advance() }
  }

  /// White space, line breaks and comments.
  private mutating func skipBlank() {
    while true {
      skipSpaces()
      skipComment()
      guard peek == "\n" else { return }
      advance()
    }
  }

  private mutating func endLine() throws(EnvironmentError) {
    skipSpaces()
    skipComment()
    guard peek == nil || take("\n") else { throw unexpected("the end of the line") }
  }

  private mutating func readTable() throws(EnvironmentError) {
    advance()
    let isArray = take("[")
    skipSpaces()
    table = try readKey()
    skipSpaces()
    guard take("]"), !isArray || take("]") else { throw unexpected("`]`") }
    try endLine()
  }

  /// A bare, quoted or dotted key.
  private mutating func readKey() throws(EnvironmentError) -> String {
    var parts: [String] = []
    repeat {
      skipSpaces()
      if peek == "\"" || peek == "'" {
        parts.append(try readString())
      } else {
        var part = ""
        while let scalar = peek, scalar.isBareKey {
          part.unicodeScalars.append(scalar)
          advance()
        }
        guard !part.isEmpty else { throw unexpected("a key") }
        parts.append(part)
      }
      skipSpaces()
    } while take(".")
    return parts.joined(separator: ".")
  }

  private mutating func readValue() throws(EnvironmentError) -> Value {
    guard depth < 32 else { throw EnvironmentError(.metadata, "nested too deeply", file: file, line: line) }
    depth += 1
    defer { depth -= 1 }
    switch peek {
    case "\"", "'": return .string(try readString())
    case "[": return .array(try readArray())
    case "{":
      advance()
      while let scalar = peek, scalar != "}" {
        if scalar == "\n" { throw unexpected("`}`") }
        if scalar == "\"" || scalar == "'" { _ = try readString() } else { advance() }
      }
      guard take("}") else { throw unexpected("`}`") }
      return .other
    default:
      let start = position
      while let scalar = peek, scalar.isBareKey || ":+.".unicodeScalars.contains(scalar) { advance() }
      guard position > start else { throw unexpected("a value") }
      return .other
    }
  }

  private mutating func readArray() throws(EnvironmentError) -> [Item] {
    advance()
    var items: [Item] = []
    while true {
      skipBlank()
      if take("]") { return items }
      let start = line
      items.append(Item(value: try readValue(), line: start))
      skipBlank()
      if take("]") { return items }
      guard take(",") else { throw unexpected("`,` or `]`") }
    }
  }

  private mutating func readString() throws(EnvironmentError) -> String {
    guard let quote = peek else { throw unexpected("a text") }
    let start = line
    advance()
    if peek == quote, position + 1 < scalars.count, scalars[position + 1] == quote {
      throw EnvironmentError(
        .metadata, "write the text on one line, in single quotation marks", file: file, line: start)
    }
    var text = ""
    while let scalar = peek, scalar != quote {
      guard scalar != "\n" else { break }
      advance()
      if scalar == "\\" && quote == "\"" {
        text.unicodeScalars.append(try readEscape())
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    guard take(quote) else { throw unexpected("the closing \(quote)") }
    return text
  }

  private mutating func readEscape() throws(EnvironmentError) -> Unicode.Scalar {
    let simple: [Unicode.Scalar: Unicode.Scalar] = [
      "b": "\u{8}", "t": "\t", "n": "\n", "f": "\u{C}", "r": "\r", "\"": "\"", "\\": "\\",
    ]
    guard let letter = peek else { throw unexpected("an escape") }
    advance()
    if let scalar = simple[letter] { return scalar }
    guard letter == "u" || letter == "U" else {
      throw EnvironmentError(.metadata, "unknown escape `\\\(letter)`", file: file, line: line)
    }
    var digits = ""
    for _ in 0..<(letter == "u" ? 4 : 8) {
      guard let digit = peek else { break }
      digits.unicodeScalars.append(digit)
      advance()
    }
    guard let number = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(number) else {
      throw EnvironmentError(.metadata, "not a character: `\\\(letter)\(digits)`", file: file, line: line)
    }
    return scalar
  }
}

extension Unicode.Scalar {
  fileprivate var isBareKey: Bool {
    switch self {
    case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
    default: false
    }
  }
}
