extension CommandManual {
  /// The name of its page: `assay-runs-show`.
  package var page: String { path.joined(separator: "-") }

  /// The page for `man`, in the `man` macros that groff and mandoc both have.
  ///
  /// - Parameters:
  ///   - version: of the program, for the foot.
  ///   - date: `2026-11-21`, for the foot.
  package func roff(version: String, date: String) -> String {
    var page = Roff()
    page.title([self.page.uppercased(), "1"], date: date, ["\(path[0]) \(version)", "\(path[0]) manual"])
    page.section("NAME")
    page.text("\(Roff.escape(self.page)) \\- \(Roff.escape(lowered(abstract)))")
    page.section("SYNOPSIS")
    page.text(synopsis)
    let blocks = Self.blocks(discussion)
    if blocks.contains(where: { $0.title.isEmpty }) {
      page.section("DESCRIPTION")
      for block in blocks where block.title.isEmpty { page.paragraphs(block.lines) }
    }
    if !subcommands.isEmpty {
      page.section("COMMANDS")
      for command in subcommands {
        page.item("\\fB\(Roff.escape(command.page))\\fR(1)", Roff.escape(command.abstract))
      }
    }
    if !arguments.isEmpty {
      page.section("OPTIONS")
      for argument in arguments { page.item(argument.heading, Roff.escape(argument.sentence)) }
    }
    for block in blocks where !block.title.isEmpty {
      page.section(block.title)
      page.example(block.lines)
    }
    page.section("SEE ALSO")
    page.text(related.map { "\\fB\(Roff.escape($0))\\fR(1)" }.joined(separator: ",\n"))
    return page.source
  }

  private var synopsis: String {
    var parts = ["\\fB\(Roff.escape(name))\\fR"]
    if !subcommands.isEmpty { parts.append("\\fIcommand\\fR") }
    for argument in arguments where argument.kind == .positional {
      let value = "\\fI\(Roff.escape(argument.value))\\fR" + (argument.isRepeating ? " ..." : "")
      parts.append(argument.isOptional ? "[\(value)]" : value)
    }
    if arguments.contains(where: { $0.kind != .positional }) { parts.append("[\\fIoptions\\fR]") }
    return parts.joined(separator: " ")
  }

  private var related: [String] {
    if path.count == 1 { return subcommands.map(\.page) }
    return path.count == 2 ? [path[0]] : [path[0], path.dropLast().joined(separator: "-")]
  }

  private func lowered(_ sentence: String) -> String {
    let text = sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
    return text.prefix(1).lowercased() + text.dropFirst()
  }

  /// Text and, after lines such as `EXAMPLES:`, blocks whose lines stay as they are.
  private static func blocks(_ discussion: String) -> [(title: String, lines: [String])] {
    var blocks: [(title: String, lines: [String])] = [("", [])]
    for line in discussion.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      let isTitle = line.hasSuffix(":") && line.count > 1 && line == line.uppercased() && line.first != " "
      if isTitle { blocks.append((String(line.dropLast()), [])) } else { blocks[blocks.count - 1].lines.append(line) }
    }
    for index in blocks.indices {
      while blocks[index].lines.last?.isEmpty == true { blocks[index].lines.removeLast() }
    }
    return blocks.filter { !$0.lines.isEmpty }
  }
}

extension CommandManual.Argument {
  fileprivate var heading: String {
    let value = "\\fI\(Roff.escape(value))\\fR"
    guard kind != .positional else { return value }
    let names = names.map { "\\fB\(Roff.escape($0))\\fR" }.joined(separator: ", ")
    if kind == .flag { return names }
    return isValueOptional ? "\(names) [\(value)]" : "\(names) \(value)"
  }

  fileprivate var sentence: String {
    var text = about
    let unsaid = words.filter { !about.contains($0) }
    if !unsaid.isEmpty { text += " One of \(words.joined(separator: ", "))." }
    if !initial.isEmpty, kind == .option, !isValueOptional { text += " Default: \(initial)." }
    return text
  }
}

/// Source text for the `man` macros.
private struct Roff {
  private(set) var source = ""
  private static let columns = 78

  mutating func request(_ name: String, _ arguments: [String]) {
    source += ".\(name)" + arguments.map { " \"\(Self.escape($0).replacing("\"", with: "\\(dq"))\"" }.joined() + "\n"
  }

  mutating func title(_ names: [String], date: String, _ rest: [String]) {
    request("TH", names)
    source.removeLast()
    // Not escaped: mandoc knows a date only in its plain form.
    source += " \"\(date)\"" + rest.map { " \"\(Self.escape($0))\"" }.joined() + "\n"
  }

  mutating func section(_ title: String) { request("SH", [title]) }

  /// Filled text, broken into short lines; a line that would be a request is made harmless.
  mutating func text(_ text: String) {
    var line = ""
    func flush(_ source: inout String) {
      guard !line.isEmpty else { return }
      source += (line.first == "." || line.first == "'" ? "\\&" : "") + line + "\n"
      line = ""
    }
    for part in text.split(separator: "\n") {
      for word in part.split(separator: " ") {
        if line.utf8.count + word.utf8.count >= Self.columns { flush(&source) }
        line += (line.isEmpty ? "" : " ") + word
      }
      flush(&source)
    }
  }

  mutating func paragraphs(_ lines: [String]) {
    var isFirst = true
    for paragraph in lines.split(separator: "") {
      if !isFirst { source += ".PP\n" }
      isFirst = false
      text(Self.escape(paragraph.joined(separator: " ")))
    }
  }

  mutating func item(_ heading: String, _ body: String) {
    source += ".TP\n"
    text(heading)
    text(body)
  }

  mutating func example(_ lines: [String]) {
    source += ".nf\n"
    for line in lines {
      let text = Self.escape(line.hasPrefix("  ") ? String(line.dropFirst(2)) : line)
      source += (text.isEmpty ? "\\&" : (text.first == "." || text.first == "'" ? "\\&" : "") + text) + "\n"
    }
    source += ".fi\n"
  }

  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "`": result += "\\(ga"
      case "'": result += "\\(aq"
      case "~": result += "\\(ti"
      case "^": result += "\\(ha"
      default:
        if scalar.isASCII { result.unicodeScalars.append(scalar) } else { result += "\\[u\(hex(scalar.value))]" }
      }
    }
    return result
  }

  private static func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
