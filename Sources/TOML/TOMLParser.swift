/// Recursive descent over the bytes of one document.
struct TOMLParser {
  struct Key {
    var text: String
    var place: TOMLPlace
  }

  private static let maximumDepth = 128

  private var scanner: TOMLScanner
  private var depth = 0

  init(_ bytes: [UInt8], firstLine: Int) { scanner = TOMLScanner(bytes, firstLine: firstLine) }

  mutating func document() throws(TOMLError) -> TOMLTable {
    let root = TOMLDraft(.header)
    var table = root
    while true {
      try scanner.skipBlank()
      if scanner.isAtEnd { return root.finished() }
      if scanner.current == UInt8(ascii: "[") {
        table = try header(root)
      } else {
        let (path, value) = try pair()
        try table.set(path, value)
      }
      scanner.skipSpaces()
      try scanner.skipComment()
      guard scanner.isAtEnd || scanner.isAtLineBreak else {
        throw scanner.unexpected("the end of the line", help: "each `name = value` has a line of its own")
      }
    }
  }

  private mutating func header(_ root: TOMLDraft) throws(TOMLError) -> TOMLDraft {
    scanner.at += 1
    let appending = scanner.take(UInt8(ascii: "["))
    let path = try keys()
    guard scanner.take(UInt8(ascii: "]")), !appending || scanner.take(UInt8(ascii: "]")) else {
      throw scanner.unexpected(appending ? "`]]`" : "`]`")
    }
    return try root.open(path, appending: appending)
  }

  private mutating func pair() throws(TOMLError) -> ([Key], TOMLValue) {
    let path = try keys()
    guard scanner.take(UInt8(ascii: "=")) else {
      throw scanner.unexpected("`=` behind the name `\(path.map(\.text).joined(separator: "."))`")
    }
    scanner.skipSpaces()
    depth += path.count - 1
    defer { depth -= path.count - 1 }
    return (path, try value())
  }

  /// A bare, quoted or dotted key with the spaces around it.
  private mutating func keys() throws(TOMLError) -> [Key] {
    var path: [Key] = []
    repeat {
      scanner.skipSpaces()
      guard depth + path.count < Self.maximumDepth else { throw tooDeep }
      let start = scanner.at
      let text: String
      if scanner.current == .quote || scanner.current == .apostrophe {
        text = try scanner.line(scanner.current)
      } else {
        while scanner.current.isBareKey { scanner.at += 1 }
        guard scanner.at > start else {
          throw scanner.unexpected("a name", help: "names are of letters, digits, - and _, or \"quoted\"")
        }
        text = String(decoding: scanner.bytes[start..<scanner.at], as: UTF8.self)
      }
      path.append(Key(text: text, place: scanner.place(from: start)))
      scanner.skipSpaces()
    } while scanner.take(UInt8(ascii: "."))
    return path
  }

  private var tooDeep: TOMLError { TOMLError(message: "nested too deeply", place: scanner.here) }

  private mutating func value() throws(TOMLError) -> TOMLValue {
    guard depth < Self.maximumDepth else { throw tooDeep }
    depth += 1
    defer { depth -= 1 }
    var place = scanner.here
    let content: TOMLValue.Content
    switch scanner.current {
    case .quote, .apostrophe: content = .string(try scanner.string())
    case UInt8(ascii: "["): content = .array(try array())
    case UInt8(ascii: "{"): content = .table(try inlineTable())
    default: content = try bare()
    }
    place.end = scanner.at
    return TOMLValue(content: content, place: place)
  }

  private mutating func bare() throws(TOMLError) -> TOMLValue.Content {
    let start = scanner.at
    skipWord()
    // One space may stand between a date and its time.
    if scanner.at - start == 10, scanner.bytes[start + 4] == UInt8(ascii: "-"), scanner.current == .space,
      scanner.peek(1).isDigit
    {
      scanner.at += 1
      skipWord()
    }
    guard scanner.at > start else { throw scanner.unexpected("a value") }
    guard let content = TOMLNumbers.value(scanner.bytes[start..<scanner.at]) else {
      let text = String(decoding: scanner.bytes[start..<scanner.at], as: UTF8.self)
      throw TOMLError(
        message: "`\(text)` is no number, date, true or false", help: "a text has quotation marks: \"\(text)\"",
        place: scanner.place(from: start))
    }
    return content
  }

  private mutating func skipWord() {
    while scanner.current.isBareKey || scanner.current == UInt8(ascii: "+") || scanner.current == UInt8(ascii: ".")
      || scanner.current == UInt8(ascii: ":")
    {
      scanner.at += 1
    }
  }

  private mutating func array() throws(TOMLError) -> [TOMLValue] {
    scanner.at += 1
    var items: [TOMLValue] = []
    while true {
      try scanner.skipBlank()
      if scanner.take(UInt8(ascii: "]")) { return items }
      items.append(try value())
      try scanner.skipBlank()
      if scanner.take(UInt8(ascii: "]")) { return items }
      guard scanner.take(UInt8(ascii: ",")) else { throw scanner.unexpected("`,` or `]`") }
    }
  }

  private mutating func inlineTable() throws(TOMLError) -> TOMLTable {
    scanner.at += 1
    let table = TOMLDraft(.header)
    scanner.skipSpaces()
    if scanner.take(UInt8(ascii: "}")) { return table.finished() }
    while true {
      let (path, value) = try pair()
      try table.set(path, value)
      scanner.skipSpaces()
      if scanner.take(UInt8(ascii: "}")) { return table.finished() }
      guard scanner.take(UInt8(ascii: ",")) else {
        throw scanner.unexpected("`,` or `}`", help: "a {table} stands in one line; for more use a [header]")
      }
    }
  }
}
