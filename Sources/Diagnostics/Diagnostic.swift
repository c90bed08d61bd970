/// A half-open range of UTF-8 byte offsets in one source file.
///
/// Kept in 32 bits: there are many, and no document is longer than 1 GiB.
package struct Span: Hashable, Sendable {
  private var lower: Int32
  private var upper: Int32

  package init(_ start: Int, _ end: Int) {
    lower = Int32(clamping: start)
    upper = Int32(clamping: end)
  }

  package var start: Int {
    get { Int(lower) }
    set { lower = Int32(clamping: newValue) }
  }
  package var end: Int {
    get { Int(upper) }
    set { upper = Int32(clamping: newValue) }
  }

  package static let none = Span(0, 0)
  package var isEmpty: Bool { start == end }
  package func joined(_ other: Span) -> Span { Span(min(start, other.start), max(end, other.end)) }
}

/// A source text with its path; the home of every span that points into it.
package final class SourceFile: Sendable, Equatable {
  /// What stands at a span, in the words of the language.
  package typealias Wording = @Sendable (_ bytes: [UInt8], _ span: Span) -> String

  /// The path as the user wrote it, for messages.
  package let path: String
  package let bytes: [UInt8]
  /// Byte offset at which each line starts; line 1 is at index 0.
  private let starts: [UInt32]
  private let wording: Wording?

  package convenience init(path: String, text: String) { self.init(path: path, bytes: Array(text.utf8)) }

  /// - Parameter wording: of a document in another form than text.
  package init(path: String, bytes: [UInt8], wording: Wording? = nil) {
    self.path = path
    self.bytes = bytes
    self.wording = wording
    starts = bytes.withUnsafeBufferPointer { bytes in
      var starts: [UInt32] = [0]
      for offset in bytes.indices where bytes[offset] == 0x0A { starts.append(UInt32(clamping: offset + 1)) }
      return starts
    }
  }

  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// False of a document in another form: edits of the language make no sense in it.
  package var isText: Bool { wording == nil }

  /// Byte offset at which a 1-based line starts.
  package func start(ofLine number: Int) -> Int { Int(starts[number - 1]) }

  package static func == (a: SourceFile, b: SourceFile) -> Bool { a === b }

  /// 1-based line and column (in Unicode scalars) of a byte offset. O(log lines + line length).
  package func position(at offset: Int) -> (line: Int, column: Int) {
    let offset = max(0, min(offset, bytes.count))
    var low = 0
    var high = starts.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if Int(starts[middle]) <= offset { low = middle } else { high = middle - 1 }
    }
    let scalars = bytes[Int(starts[low])..<offset].reduce(into: 0) { count, byte in
      if byte & 0xC0 != 0x80 { count += 1 }
    }
    return (low + 1, scalars + 1)
  }

  /// The text of a 1-based line, without its line break.
  package func line(_ number: Int) -> String {
    guard number >= 1, number <= starts.count else { return "" }
    let start = start(ofLine: number)
    var end = number < starts.count ? Int(starts[number]) - 1 : bytes.count
    if end > start, bytes[end - 1] == 0x0D { end -= 1 }
    return String(decoding: bytes[start..<max(start, end)], as: UTF8.self)
  }

  /// What stands at a span. Of a document in another form it is said as a text would say it.
  package func text(_ span: Span) -> String {
    if let wording { return wording(bytes, span) }
    let end = max(0, min(span.end, bytes.count))
    return bytes.withUnsafeBufferPointer { bytes in
      String(decoding: UnsafeBufferPointer(rebasing: bytes[max(0, min(span.start, end))..<end]), as: UTF8.self)
    }
  }
}

/// Replaces the bytes of `span` by `text`; the only way in which a document ever changes.
package struct TextEdit: Hashable, Sendable {
  package var span: Span
  package var text: String

  package init(_ span: Span, _ text: String) {
    self.span = span
    self.text = text
  }
}

/// A correction that can be applied without asking.
package struct Fix: Hashable, Sendable {
  package var title: String
  package var edits: [TextEdit]

  package init(_ title: String, _ edits: [TextEdit]) {
    self.title = title
    self.edits = edits
  }
}

package enum Severity: String, Sendable, Comparable {
  case note, warning, error
  package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
  private var rank: Int { self == .note ? 0 : self == .warning ? 1 : 2 }
}

/// One thing to tell a person about a document: data, of which text and JSON are renderings.
package struct Diagnostic: Sendable {
  /// A place in a file and what is to be said there.
  package struct Label: Sendable {
    package var file: SourceFile
    package var span: Span
    package var text: String

    package init(_ file: SourceFile, _ span: Span, _ text: String) {
      self.file = file
      self.span = span
      self.text = text
    }
  }

  /// `E0101`, `W0101`: the key of `assay explain`.
  package var code: String
  package var severity: Severity
  /// One sentence in the user's words.
  package var message: String
  package var primary: Label
  package var secondary: [Label]
  /// What else is known about it, a line each.
  package var notes: [String] = []
  package var help: String?
  package var fix: Fix?

  package init(
    _ code: String, _ severity: Severity, _ message: String, at primary: Label, also secondary: [Label] = [],
    help: String? = nil, fix: Fix? = nil
  ) {
    self.code = code
    self.severity = severity
    self.message = message
    self.primary = primary
    self.secondary = secondary
    self.help = help
    self.fix = fix
  }

  /// An error.
  package init(
    _ code: String, _ message: String, at primary: Label, also secondary: [Label] = [], help: String? = nil,
    fix: Fix? = nil
  ) {
    self.init(code, .error, message, at: primary, also: secondary, help: help, fix: fix)
  }
}
