internal import TOML
internal import Values

/// The value of a setting.
package enum SettingValue: Sendable, Equatable {
  case flag(Bool)
  case integer(Int64)
  case text(String)
  case texts([String])
  case duration(Duration)
  /// Bytes.
  case size(Int64)

  /// As a person writes it on a command line; lists with `, `.
  package var words: String {
    switch self {
    case .flag(let flag): flag ? "true" : "false"
    case .integer(let number): String(number)
    case .text(let text): text
    case .texts(let texts): texts.joined(separator: ", ")
    case .duration(let duration): DurationLiteral.text(duration)
    case .size(let bytes): ByteSize.literal(bytes)
    }
  }

  /// As TOML writes it.
  package var literal: String {
    switch self {
    case .flag, .integer: words
    case .texts(let texts): "[" + texts.map(Self.quoted).joined(separator: ", ") + "]"
    case .text, .duration, .size: Self.quoted(words)
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension SettingDeclaration.Kind {
  /// What is expected, for messages and docs.
  package var words: String {
    switch self {
    case .flag: "true or false"
    case .integer(let range) where range.upperBound == .max: "a whole number from \(range.lowerBound)"
    case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .text: "text"
    case .texts: "a list of texts"
    case .choice(let words): words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
    case .duration: "a duration such as 10s"
    case .size: "a size such as 8GiB"
    case .path: "a path"
    case .paths: "a list of paths"
    case .program: "a path or a name"
    }
  }

  /// Values that can be listed, for completion.
  package var choices: [String] {
    switch self {
    case .choice(let words): words
    case .flag: ["true", "false"]
    default: []
    }
  }

  /// Of a text such as a variable or an argument has; lists of paths are separated by `:`, lists of texts by spaces.
  package func value(_ text: String) -> SettingValue? {
    switch self {
    case .flag:
      switch text {
      case "true", "1", "yes", "on": .flag(true)
      case "false", "0", "no", "off": .flag(false)
      default: nil
      }
    case .integer: Int64(text).flatMap { value(.integer($0)) }
    case .texts: .texts(text.split(separator: " ").map(String.init))
    case .paths: .texts(text.split(separator: ":").map(String.init))
    default: value(.string(text))
    }
  }

  /// Of what a file says.
  func value(_ content: TOMLValue.Content) -> SettingValue? {
    switch (self, content) {
    case (.flag, .boolean(let flag)): .flag(flag)
    case (.integer(let range), .integer(let number)) where range.contains(number): .integer(number)
    case (.text, .string(let text)): .text(text)
    case (.path, .string(let text)), (.program, .string(let text)): text.isEmpty ? nil : .text(text)
    case (.choice(let words), .string(let text)) where words.contains(text): .text(text)
    case (.duration, .string(let text)): DurationLiteral.parse(text).map { .duration($0) }
    case (.size, .string(let text)): ByteSize.parse(text).map { .size($0) }
    case (.texts, .array(let items)), (.paths, .array(let items)): texts(items)
    default: nil
    }
  }

  private func texts(_ items: [TOMLValue]) -> SettingValue? {
    let texts = items.compactMap(\.string)
    return texts.count == items.count ? .texts(texts) : nil
  }
}
