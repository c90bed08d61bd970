/// A terminal as far as our output needs one: wrapping, scrolling, cursor up, clearing. Colours are dropped.
struct VirtualScreen {
  private(set) var columns: Int
  let rows: Int
  /// What scrolled out at the top.
  private(set) var history: [String] = []
  private var cells: [[Character]]
  private var row = 0
  private var column = 0
  /// Sequences that this terminal does not know.
  private(set) var unknown: [String] = []

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    cells = Array(repeating: [], count: rows)
  }

  /// What is visible, without trailing spaces and empty lines at the end.
  var lines: [String] {
    var lines = cells.map { line in
      var text = String(line)
      while text.last == " " { text.removeLast() }
      return text
    }
    while lines.last == "" { lines.removeLast() }
    return lines
  }

  /// All that was ever printed and not taken away.
  var transcript: [String] { history + lines }

  mutating func write(_ text: String) {
    var scalars = Array(text.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      switch scalar {
      case "\n": lineFeed()
      case "\r": column = 0
      case "\u{1B}": escape(&scalars)
      default: put(Character(scalar))
      }
    }
  }

  /// Other columns: as most terminals do, lines are wrapped anew.
  mutating func resize(columns new: Int) {
    var reflowed: [[Character]] = []
    var cursor = 0
    for (index, line) in cells.enumerated() where index <= row || !line.isEmpty {
      if index == row { cursor = reflowed.count }
      var rest = line[...]
      repeat {
        reflowed.append(Array(rest.prefix(new)))
        rest = rest.dropFirst(new)
      } while !rest.isEmpty
    }
    while reflowed.count > rows, cursor > 0 {
      history.append(String(reflowed.removeFirst()))
      cursor -= 1
    }
    cells = Array(reflowed.prefix(rows)) + Array(repeating: [], count: max(0, rows - reflowed.count))
    row = cursor
    columns = new
  }

  private mutating func put(_ character: Character) {
    if column >= columns {
      lineFeed()
      column = 0
    }
    while cells[row].count <= column { cells[row].append(" ") }
    cells[row][column] = character
    column += 1
  }

  private mutating func lineFeed() {
    column = 0
    row += 1
    guard row == rows else { return }
    history.append(String(cells.removeFirst()))
    cells.append([])
    row = rows - 1
  }

  private mutating func escape(_ scalars: inout ArraySlice<Unicode.Scalar>) {
    guard scalars.popFirst() == "[" else { return unknown.append("ESC") }
    var parameters = ""
    while let scalar = scalars.popFirst() {
      guard scalar.properties.isAlphabetic else {
        parameters.unicodeScalars.append(scalar)
        continue
      }
      switch scalar {
      case "A": row = max(0, row - (Int(parameters) ?? 1))
      case "K" where parameters == "2": cells[row] = []
      case "J" where parameters.isEmpty:
        cells[row] = Array(cells[row].prefix(column))
        for below in (row + 1)..<max(row + 1, rows) { cells[below] = [] }
      case "m": break
      default: unknown.append("\(parameters)\(scalar)")
      }
      return
    }
  }
}
