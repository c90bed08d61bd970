internal import Diagnostics
internal import Syntax

/// Names in the order in which they came, each once, found by text. A handful is searched, more are looked up: most tables
/// are of one call or one task, and hashing costs more than comparing a few short names.
struct NameTable {
  private static let few = 8

  private(set) var names: [String] = []
  private var index: [String: Int] = [:]

  init() {}

  /// Of equal names the first counts.
  init(_ names: [String]) {
    self.names = names
    guard names.count > Self.few else { return }
    for (place, name) in names.enumerated() where index[name] == nil { index[name] = place }
  }

  /// The place of a name. O(1).
  func place(of name: String) -> Int? {
    names.count > Self.few ? index[name] : names.firstIndex(of: name)
  }

  mutating func append(_ name: String) {
    names.append(name)
    if names.count == Self.few + 1 {
      self = NameTable(names)
    } else if names.count > Self.few, index[name] == nil {
      index[name] = names.count - 1
    }
  }
}

/// The names of the arguments that a call was given, with the place of each.
struct GivenNames {
  private var table = NameTable()
  private var spans: [Span] = []

  subscript(name: String) -> Span? { table.place(of: name).map { spans[$0] } }

  mutating func add(_ name: Name) {
    table.append(name.text)
    spans.append(name.span)
  }
}
