/// A stretch of a document.
package struct TOMLPlace: Hashable, Sendable {
  /// UTF-8 byte offsets, half open.
  package var start: Int
  package var end: Int
  /// Of the start, both from 1; columns count Unicode scalars.
  package var line: Int
  package var column: Int
}

/// A value and where it is written.
package struct TOMLValue: Sendable {
  package indirect enum Content: Sendable {
    case string(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    /// Offset date-time, local date-time, local date or local time, as written; its form and its fields have been checked.
    case date(String)
    case array([TOMLValue])
    case table(TOMLTable)
  }

  package var content: Content
  /// Of a table with a header: the header's name; of one that only dotted names imply: the first of them.
  package var place: TOMLPlace

  package var string: String? { if case .string(let text) = content { text } else { nil } }
  package var integer: Int64? { if case .integer(let number) = content { number } else { nil } }
  package var boolean: Bool? { if case .boolean(let flag) = content { flag } else { nil } }
  package var array: [TOMLValue]? { if case .array(let items) = content { items } else { nil } }
  package var table: TOMLTable? { if case .table(let table) = content { table } else { nil } }

  /// What a message calls it.
  package var kindName: String {
    switch content {
    case .string: "a string"
    case .integer: "an integer"
    case .float: "a float"
    case .boolean: "a boolean"
    case .date: "a date or time"
    case .array: "an array"
    case .table: "a table"
    }
  }
}

/// Names with values, in the order of the document.
package struct TOMLTable: Sendable {
  package struct Entry: Sendable {
    package var key: String
    /// Where the name was first written.
    package var keyPlace: TOMLPlace
    package var value: TOMLValue
  }

  package var entries: [Entry]

  package init(_ entries: [Entry] = []) { self.entries = entries }

  /// O(entries).
  package func entry(_ key: String) -> Entry? { entries.first { $0.key == key } }
  package subscript(key: String) -> TOMLValue? { entry(key)?.value }
}

/// Why a text is not TOML, where, and what to write instead.
package struct TOMLError: Error, Hashable, Sendable, CustomStringConvertible {
  package var message: String
  package var help: String?
  package var place: TOMLPlace

  package var description: String {
    "line \(place.line), column \(place.column): \(message)" + (help.map { "; \($0)" } ?? "")
  }
}

extension TOMLTable {
  /// Reads a document of TOML 1.0. Nesting deeper than 128 is refused. O(length).
  ///
  /// - Parameter firstLine: the number of the first line, for a text that was cut out of another.
  package static func parse(_ text: String, firstLine: Int = 1) throws(TOMLError) -> TOMLTable {
    var parser = TOMLParser(Array(text.utf8), firstLine: firstLine)
    return try parser.document()
  }
}
