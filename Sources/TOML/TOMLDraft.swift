/// A table while the document is read: later lines may still add to it. The rules of TOML for what may be added where.
final class TOMLDraft {
  enum Origin {
    /// Only a longer header has named it: its own header may still come.
    case implied
    /// By `[name]`, or an element of `[[name]]`, or the document.
    case header
    /// By `name.key = …`: closed for headers.
    case dotted
  }

  enum Node {
    case value(TOMLValue)
    case table(TOMLDraft, TOMLPlace)
    /// By `[[name]]`.
    case tables(Elements, TOMLPlace)
  }

  final class Elements {
    var tables: [(TOMLDraft, TOMLPlace)]
    init(_ first: TOMLDraft, _ place: TOMLPlace) { tables = [(first, place)] }
  }

  private var origin: Origin
  private var order: [(key: String, place: TOMLPlace)] = []
  private var nodes: [String: Node] = [:]

  init(_ origin: Origin) { self.origin = origin }

  private func add(_ key: TOMLParser.Key, _ node: Node) {
    order.append((key.text, key.place))
    nodes[key.text] = node
  }

  private func taken(_ key: TOMLParser.Key, _ help: String) -> TOMLError {
    let line = order.first { $0.key == key.text }?.place.line
    return TOMLError(
      message: "`\(key.text)` is defined twice" + (line.map { ", first in line \($0)" } ?? ""), help: help,
      place: key.place)
  }

  /// `path = value`, seen from this table.
  func set(_ path: [TOMLParser.Key], _ value: TOMLValue) throws(TOMLError) {
    guard let last = path.last else { return }
    var table = self
    for key in path.dropLast() {
      switch table.nodes[key.text] {
      case nil:
        let next = TOMLDraft(.dotted)
        table.add(key, .table(next, key.place))
        table = next
      case .table(let next, _) where next.origin != .header:
        next.origin = .dotted
        table = next
      default: throw table.taken(key, "a dotted name cannot add to what is complete")
      }
    }
    guard table.nodes[last.text] == nil else { throw table.taken(last, "keep one of the two") }
    table.add(last, .value(value))
  }

  /// The table that `[path]` or, with `appending`, `[[path]]` opens, seen from the document.
  func open(_ path: [TOMLParser.Key], appending: Bool) throws(TOMLError) -> TOMLDraft {
    guard let last = path.last else { return self }
    var table = self
    for key in path.dropLast() { table = try table.passed(key) }
    switch table.nodes[last.text] {
    case nil:
      let next = TOMLDraft(.header)
      table.add(last, appending ? .tables(Elements(next, last.place), last.place) : .table(next, last.place))
      return next
    case .table(let next, _) where !appending && next.origin == .implied:
      next.origin = .header
      table.nodes[last.text] = .table(next, last.place)
      return next
    case .tables(let elements, _) where appending:
      let next = TOMLDraft(.header)
      elements.tables.append((next, last.place))
      return next
    default:
      throw table.taken(last, appending ? "[[…]] adds only to what [[…]] began" : "a table has one [header]")
    }
  }

  private func passed(_ key: TOMLParser.Key) throws(TOMLError) -> TOMLDraft {
    switch nodes[key.text] {
    case nil:
      let next = TOMLDraft(.implied)
      add(key, .table(next, key.place))
      return next
    case .table(let next, _): return next
    case .tables(let elements, _):
      if let last = elements.tables.last { return last.0 }
      return self
    case .value: throw taken(key, "what was given as a value is complete")
    }
  }

  func finished() -> TOMLTable {
    TOMLTable(
      order.compactMap { key, place in
        nodes[key].map { TOMLTable.Entry(key: key, keyPlace: place, value: $0.finished) }
      })
  }
}

extension TOMLDraft.Node {
  fileprivate var finished: TOMLValue {
    switch self {
    case .value(let value): value
    case .table(let table, let place): TOMLValue(content: .table(table.finished()), place: place)
    case .tables(let elements, let place):
      TOMLValue(
        content: .array(elements.tables.map { TOMLValue(content: .table($0.finished()), place: $1) }), place: place)
    }
  }
}
