/// What a piece of text means; its colour is only one way to show it.
enum Style: String, Sendable {
  case good = "32"
  case bad = "1;31"
  case warning = "33"
  case active = "36"
  case faint = "2"
  case strong = "1"
}

/// Puts colour on text, or not.
struct Paint: Sendable, Equatable {
  var on: Bool
  init(_ on: Bool) { self.on = on }

  func callAsFunction(_ text: String, _ style: Style?) -> String {
    guard on, let style, !text.isEmpty else { return text }
    return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
  }
}

/// Symbols, always next to a word; ASCII where the locale knows no better.
struct Glyphs: Sendable, Equatable {
  var done: String
  var failed: String
  var running: String
  var waiting: String
  var reused: String
  var skipped: String
  var retrying: String
  var separator: String
  var ellipsis: String
  var bar: (full: String, empty: String)

  static let unicode = Glyphs(
    done: "✔", failed: "✖", running: "▸", waiting: "·", reused: "≡", skipped: "↷", retrying: "↻", separator: " · ",
    ellipsis: "…", bar: ("━", "─"))
  static let ascii = Glyphs(
    done: "+", failed: "x", running: ">", waiting: ".", reused: "=", skipped: "-", retrying: "~", separator: ", ",
    ellipsis: "...", bar: ("#", "-"))

  static func of(_ terminal: Terminal) -> Glyphs { terminal.unicode ? .unicode : .ascii }

  static func == (a: Glyphs, b: Glyphs) -> Bool { a.done == b.done }
}
