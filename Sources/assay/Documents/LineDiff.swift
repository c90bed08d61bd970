/// Changes of a text as a unified diff.
enum LineDiff {
  private static let context = 3

  private enum Line {
    case same(Substring)
    case removed(Substring)
    case added(Substring)
  }

  /// Empty when the texts are equal.
  static func unified(_ old: String, _ new: String, path: String, paint: Paint = Paint(false)) -> String {
    guard old != new else { return "" }
    let script = lines(split(old), split(new))
    var out = paint("--- \(path)", .strong) + "\n" + paint("+++ \(path)", .strong) + "\n"
    for range in hunks(script) { out += hunk(script, range, paint) }
    return out
  }

  /// A missing line break at the end shows as a changed last line.
  private static func split(_ text: String) -> [Substring] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last == "" { lines.removeLast() } else { lines.append("\\ no line break at the end") }
    return lines
  }

  private static func lines(_ old: [Substring], _ new: [Substring]) -> [Line] {
    let difference = new.difference(from: old)
    var removed: Set<Int> = []
    var added: Set<Int> = []
    for change in difference {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): added.insert(offset)
      }
    }
    var script: [Line] = []
    var (i, j) = (0, 0)
    while i < old.count || j < new.count {
      if i < old.count, removed.contains(i) {
        script.append(.removed(old[i]))
        i += 1
      } else if j < new.count, added.contains(j) {
        script.append(.added(new[j]))
        j += 1
      } else {
        script.append(.same(old[i]))
        i += 1
        j += 1
      }
    }
    return script
  }

  /// Ranges of the script around changes; those that touch are one.
  private static func hunks(_ script: [Line]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for (index, line) in script.enumerated() {
      if case .same = line { continue }
      let range = max(0, index - context)..<min(script.count, index + context + 1)
      if let last = ranges.last, last.upperBound >= range.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
      } else {
        ranges.append(range)
      }
    }
    return ranges
  }

  private static func hunk(_ script: [Line], _ range: Range<Int>, _ paint: Paint) -> String {
    var (oldStart, newStart, oldCount, newCount) = (1, 1, 0, 0)
    var body = ""
    for (index, line) in script[..<range.upperBound].enumerated() {
      let isInside = index >= range.lowerBound
      switch line {
      case .same(let text):
        if isInside { body += " \(text)\n" }
        count(isInside, &oldStart, &oldCount)
        count(isInside, &newStart, &newCount)
      case .removed(let text):
        if isInside { body += paint("-\(text)", .bad) + "\n" }
        count(isInside, &oldStart, &oldCount)
      case .added(let text):
        if isInside { body += paint("+\(text)", .good) + "\n" }
        count(isInside, &newStart, &newCount)
      }
    }
    return paint("@@ -\(oldStart),\(oldCount) +\(newStart),\(newCount) @@", .active) + "\n" + body
  }

  private static func count(_ isInside: Bool, _ start: inout Int, _ count: inout Int) {
    if isInside { count += 1 } else { start += 1 }
  }
}
