internal import Foundation

/// Text as a terminal shows it: widths, cuts and harmlessness.
enum Text {
  /// Columns that the text takes. Escape sequences take none.
  static func width(_ text: String) -> Int {
    var total = 0
    var scalars = text.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      if scalar == "\u{1B}" {
        // Ours are all of the form ESC [ … letter.
        while let next = scalars.next(), !(next.properties.isAlphabetic) {}
      } else {
        total += width(scalar)
      }
    }
    return total
  }

  static func width(_ scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return scalar.value < 0x20 ? 0 : 1 }
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

  /// The beginning that fits, with the ellipsis if something is missing. For plain text.
  static func head(_ text: String, _ columns: Int, ellipsis: String = "…") -> String {
    guard width(text) > columns else { return text }
    let room = columns - width(ellipsis)
    guard room > 0 else { return String(ellipsis.prefix(max(0, columns))) }
    return take(text, room) + ellipsis
  }

  /// Beginning and end of a long name: what distinguishes names is often at their end.
  static func middle(_ text: String, _ columns: Int, ellipsis: String = "…") -> String {
    guard width(text) > columns else { return text }
    let room = columns - width(ellipsis)
    guard room > 1 else { return head(text, columns, ellipsis: ellipsis) }
    let tail = String(take(String(text.reversed()), room / 2).reversed())
    return take(text, room - room / 2) + ellipsis + tail
  }

  private static func take(_ text: String, _ columns: Int) -> String {
    var result = ""
    var used = 0
    for character in text {
      let width = width(String(character))
      guard used + width <= columns else { break }
      result.append(character)
      used += width
    }
    return result
  }

  static func pad(_ text: String, _ columns: Int) -> String {
    text + String(repeating: " ", count: max(0, columns - width(text)))
  }

  static func padLeft(_ text: String, _ columns: Int) -> String {
    String(repeating: " ", count: max(0, columns - width(text))) + text
  }

  /// Without anything that drives a terminal or reorders text; tabs become spaces. Line breaks stay if `lines`.
  static func harmless(_ text: String, lines: Bool = false) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x0A: result.append(lines ? scalar : " ")
      case 0x09: result.append(contentsOf: "  ".unicodeScalars)
      case 0x0D where lines: continue
      case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: result.append("\u{FFFD}")
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// A path below the current directory, from there.
  static func near(_ path: String) -> String {
    let here = FileManager.default.currentDirectoryPath + "/"
    return path.hasPrefix(here) ? String(path.dropFirst(here.utf8.count)) : path
  }

  /// `1 step`, `2 steps`.
  static func count(_ number: Int, _ noun: String) -> String { count(number, noun, noun + "s") }

  static func count(_ number: Int, _ noun: String, _ plural: String) -> String {
    "\(number) \(number == 1 ? noun : plural)"
  }
}
