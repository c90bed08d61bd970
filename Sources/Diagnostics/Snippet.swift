/// What one diagnostic has to show of one file: the lines with something to say, and what.
struct Snippet {
  /// Part of one line. Byte offsets within the line.
  struct Mark {
    var start: Int
    var end: Int
    var isPrimary: Bool
    var text: String
  }

  var file: SourceFile
  /// The byte offset that the heading names.
  var anchor: Int
  /// In ascending order, each number once.
  var lines: [(number: Int, marks: [Mark])]

  var lastLine: Int { lines.last?.number ?? 1 }

  /// The primary label's file first, then the other files in order of appearance.
  static func of(_ diagnostic: Diagnostic) -> [Snippet] {
    var snippets: [Snippet] = []
    for (index, label) in ([diagnostic.primary] + diagnostic.secondary).enumerated() {
      let place = snippets.firstIndex { $0.file == label.file }
      if place == nil { snippets.append(Snippet(file: label.file, anchor: label.span.start, lines: [])) }
      snippets[place ?? snippets.count - 1].add(label, isPrimary: index == 0)
    }
    return snippets
  }

  /// A label over several lines marks its first line to the end and its last line from the first character.
  private mutating func add(_ label: Diagnostic.Label, isPrimary: Bool) {
    let start = max(0, min(label.span.start, file.bytes.count))
    let end = max(start, min(label.span.end, file.bytes.count))
    let first = file.position(at: start).line
    // An end right behind a line break belongs to the line before it.
    let last = end > start ? file.position(at: end - 1).line : first
    let firstStart = file.start(ofLine: first)
    if first == last {
      insert(first, Mark(start: start - firstStart, end: end - firstStart, isPrimary: isPrimary, text: label.text))
      return
    }
    let rest = file.line(first).utf8.count
    insert(first, Mark(start: start - firstStart, end: max(rest, start - firstStart), isPrimary: isPrimary, text: ""))
    let indentation = file.line(last).utf8.prefix { $0 == 0x20 || $0 == 0x09 }.count
    let lastEnd = end - file.start(ofLine: last)
    insert(last, Mark(start: min(indentation, lastEnd), end: lastEnd, isPrimary: isPrimary, text: label.text))
  }

  private mutating func insert(_ number: Int, _ mark: Mark) {
    if let index = lines.firstIndex(where: { $0.number >= number }) {
      if lines[index].number == number {
        lines[index].marks.append(mark)
      } else {
        lines.insert((number, [mark]), at: index)
      }
    } else {
      lines.append((number, [mark]))
    }
  }
}
