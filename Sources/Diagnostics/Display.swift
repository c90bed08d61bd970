/// A source line as a terminal shows it: tabs are spaces, wide characters take two columns, controls are replaced, and
/// a very long line is cut to a window.
struct Display {
  private(set) var text = ""
  /// For each byte of the line, and its end: the display column at which its character begins.
  private var columns: [Int] = []

  /// Bytes of the line before the part that is looked at.
  private var skipped = 0

  private static let tabWidth = 4
  private static let maximumWidth = 160
  /// Of longer lines only the part around the mark is looked at: a document may be one line.
  private static let maximumBytes = 4096

  /// `showing`: a byte offset that must be inside the window.
  init(_ line: String, showing: Int?) {
    let all = line.utf8
    guard all.count <= Self.maximumBytes else {
      let bytes = Array(all)
      // Never inside a character.
      func boundary(_ offset: Int) -> Int {
        var offset = max(0, min(offset, bytes.count))
        while offset > 0, offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset -= 1 }
        return offset
      }
      skipped = boundary((showing ?? 0) - Self.maximumBytes / 4)
      let end = boundary(skipped + Self.maximumBytes)
      lay(String(decoding: bytes[skipped..<end], as: UTF8.self), showing: showing)
      return
    }
    lay(line, showing: showing)
  }

  private mutating func lay(_ line: String, showing: Int?) {
    var column = 0
    var cells: [(text: String, column: Int)] = []
    for scalar in line.unicodeScalars {
      columns.append(contentsOf: repeatElement(column, count: UTF8.width(scalar)))
      let width = scalar == "\t" ? Self.tabWidth - column % Self.tabWidth : Self.width(scalar)
      let shown = scalar == "\t" ? String(repeating: " ", count: width) : String(Self.safe(scalar))
      cells.append((shown, column))
      column += width
    }
    columns.append(column)
    guard column > Self.maximumWidth else {
      text = cells.map(\.text).joined()
      while text.last == " " { text.removeLast() }
      return
    }
    window(cells, column, around: showing.map { self.column($0) } ?? 0)
  }

  private mutating func window(_ cells: [(text: String, column: Int)], _ width: Int, around: Int) {
    let left = max(0, min(around - Self.maximumWidth / 4, width - Self.maximumWidth))
    let right = left + Self.maximumWidth
    let visible = cells.filter { $0.column >= left && $0.column < right }
    text = (left > 0 ? "…" : "") + visible.map(\.text).joined() + (right < width ? "…" : "")
    let shift = left - (left > 0 ? 1 : 0)
    columns = columns.map { min(max(0, $0 - shift), Self.maximumWidth + 1) }
  }

  /// The display column of a byte offset in the line; offsets beyond it are at its end.
  func column(_ offset: Int) -> Int { columns[max(0, min(offset - skipped, columns.count - 1))] }

  /// Text of a message, on one line and harmless.
  static func line(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(scalar == "\n" || scalar == "\t" ? " " : safe(scalar)) }
    return String(result)
  }

  /// Controls and marks that reorder text could hide what a line really says.
  private static func safe(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: "\u{FFFD}"
    default: scalar
    }
  }

  private static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    switch scalar.value {
    case 0x200B...0x200D, 0xFE00...0xFE0F: return 0
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
