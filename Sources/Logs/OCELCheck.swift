internal import Values

extension LogReport {
  mutating func checkOCEL(_ bytes: [UInt8]) {
    var check = OCELCheck(self, begin: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
    bytes.withUnsafeBufferPointer { check.run($0) }
    self = check.report
  }
}

/// A list of a log in OCEL 2.0.
private enum List: String, CaseIterable { case eventTypes, objectTypes, events, objects }

/// Twice through the file: types and the identifiers of objects may stand behind what refers to them.
private struct OCELCheck {
  var report: LogReport
  /// By name the attributes.
  private var types: [List: [String: [String: LogValue.Kind]]] = [:]
  private var objects: Set<String> = []
  private var ids: Set<String> = []
  private var bytes = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  /// Behind the mark that some programs put before UTF-8.
  private let begin: Int

  init(_ report: LogReport, begin: Int) {
    self.report = report
    self.begin = begin
  }

  mutating func run(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    do throws(JSONProblem) {
      try walk(reportsShape: true) { check, item in
        switch item.list {
        case .eventTypes, .objectTypes: check.declare(item)
        case .objects: check.note(item)
        case .events: break
        }
      }
      try walk(reportsShape: false) { check, item in
        switch item.list {
        case .eventTypes, .objectTypes: break
        case .objects: check.check(object: item)
        case .events: check.check(event: item)
        }
      }
    } catch {
      report.add(LogProblem(.unreadable, "this is not JSON: \(error.message)", at: error.offset))
    }
  }

  // MARK: The document

  private struct Item {
    var list: List
    var number: Int
    var json: JSON
    var offset: Int
  }

  private mutating func walk(
    reportsShape: Bool, _ body: (inout OCELCheck, Item) -> Void
  ) throws(JSONProblem) {
    var cursor = JSONCursor(bytes, at: begin)
    _ = try cursor.peek()
    var seen: Set<String> = []
    var isFirst = true
    let start = cursor.offset
    try cursor.enter()
    while let (name, offset) = try cursor.nextName(&isFirst) {
      guard seen.insert(name).inserted else {
        throw JSONProblem("the name \"\(name)\" stands twice in this object", at: offset)
      }
      guard let list = List(rawValue: name) else {
        _ = try cursor.value()
        continue
      }
      guard try cursor.peek() == .array else {
        let place = cursor.offset
        let found = try cursor.value().kindName
        if reportsShape { report.add(LogProblem(.shape, "`\(name)` is \(found), not a list", at: place)) }
        continue
      }
      try walk(list, &cursor, body)
    }
    try cursor.end()
    guard reportsShape else { return }
    for list in List.allCases where !seen.contains(list.rawValue) {
      report.add(LogProblem(.shape, "the log has no `\(list.rawValue)`", at: start))
    }
  }

  private mutating func walk(
    _ list: List, _ cursor: inout JSONCursor, _ body: (inout OCELCheck, Item) -> Void
  ) throws(JSONProblem) {
    var isFirst = true
    var number = 0
    try cursor.enter()
    while try cursor.nextItem(&isFirst) {
      _ = try cursor.peek()
      let offset = cursor.offset
      body(&self, Item(list: list, number: number, json: try cursor.value(), offset: offset))
      number += 1
    }
  }

  // MARK: Telling

  private mutating func tell(_ rule: LogProblem.Rule, _ item: Item, _ path: [JSONPlace], _ message: String) {
    let place = path.reduce("\(item.list.rawValue)[\(item.number)]") { $0 + $1.words }
    let (offset, length) = JSONPlace.find(path, in: bytes, from: item.offset)
    report.add(LogProblem(rule, "\(place): \(message)", at: offset, length: length))
  }

  /// The text of a member that has to be there.
  private mutating func text(_ name: String, _ item: Item, _ json: JSON, _ path: [JSONPlace] = []) -> String? {
    guard let value = json[name] else {
      tell(.shape, item, path, "there is no `\(name)`")
      return nil
    }
    guard let text = value.asString else {
      tell(.shape, item, path + [.member(name)], "this is \(value.kindName), not a string")
      return nil
    }
    return text
  }

  /// The objects of a list; nothing where there is none.
  private mutating func list(
    _ name: String, _ item: Item, _ json: JSON, isNeeded: Bool
  ) -> [(json: JSON, path: [JSONPlace])] {
    guard let value = json[name] else {
      if isNeeded { tell(.shape, item, [], "there is no `\(name)`") }
      return []
    }
    guard let items = value.asArray else {
      tell(.shape, item, [.member(name)], "this is \(value.kindName), not a list")
      return []
    }
    return items.enumerated().compactMap { number, one in
      let path = [JSONPlace.member(name), .index(number)]
      guard one.asObject != nil else {
        tell(.shape, item, path, "this is \(one.kindName), not an object")
        return nil
      }
      return (one, path)
    }
  }

  private mutating func isObject(_ item: Item) -> Bool {
    if item.json.asObject != nil { return true }
    tell(.shape, item, [], "this is \(item.json.kindName), not an object")
    return false
  }

  // MARK: First time

  private mutating func declare(_ item: Item) {
    guard isObject(item), let name = text("name", item, item.json) else { return }
    var attributes: [String: LogValue.Kind] = [:]
    for (attribute, path) in list("attributes", item, item.json, isNeeded: true) {
      guard let own = text("name", item, attribute, path), let word = text("type", item, attribute, path) else {
        continue
      }
      let kind = LogValue.Kind(rawValue: word)
      if kind == nil {
        let words = LogValue.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        tell(.shape, item, path + [.member("type")], "`\(word)` is no type of attributes: they are \(words)")
      }
      if attributes.updateValue(kind ?? .string, forKey: own) != nil {
        tell(.duplicate, item, path, "the attribute `\(own)` is declared twice")
      }
    }
    if types[item.list, default: [:]].updateValue(attributes, forKey: name) != nil {
      tell(.duplicate, item, [.member("name")], "the type `\(name)` is declared twice")
    }
  }

  private mutating func note(_ item: Item) {
    report.objects += 1
    guard isObject(item), let id = text("id", item, item.json) else { return }
    if !objects.insert(id).inserted {
      tell(.duplicate, item, [.member("id")], "there is another object `\(id)`: readers keep one of them, or both")
    }
  }

  // MARK: Second time

  private mutating func check(object item: Item) {
    guard item.json.asObject != nil else { return }
    let attributes = checkType(item, .objectTypes)
    var seen: Set<[String]> = []
    for (attribute, path) in list("attributes", item, item.json, isNeeded: false) {
      let name = checkValue(item, attribute, path, attributes)
      guard let time = checkTime(item, attribute, path), let name else { continue }
      if !seen.insert([name, time]).inserted {
        tell(.duplicate, item, path, "`\(name)` has another value at the same time")
      }
    }
    checkRelations(item)
  }

  private mutating func check(event item: Item) {
    report.events += 1
    guard isObject(item) else { return }
    if let id = text("id", item, item.json), !ids.insert(id).inserted {
      tell(.duplicate, item, [.member("id")], "there is another event `\(id)`: readers keep one of them, or both")
    }
    let attributes = checkType(item, .eventTypes)
    _ = checkTime(item, item.json, [])
    var seen: Set<String> = []
    for (attribute, path) in list("attributes", item, item.json, isNeeded: false) {
      guard let name = checkValue(item, attribute, path, attributes) else { continue }
      if !seen.insert(name).inserted { tell(.duplicate, item, path, "`\(name)` has another value here") }
    }
    if checkRelations(item) == 0 {
      tell(.doubtful, item, [], "the event has to do with no object: no view of an object shows it")
    }
  }

  /// The attributes of the type; nil: it is not declared.
  private mutating func checkType(_ item: Item, _ list: List) -> [String: LogValue.Kind]? {
    guard let type = text("type", item, item.json) else { return nil }
    if let known = types[list]?[type] { return known }
    tell(.undeclared, item, [.member("type")], "the type `\(type)` is not in `\(list.rawValue)`")
    return nil
  }

  private mutating func checkValue(
    _ item: Item, _ attribute: JSON, _ path: [JSONPlace], _ declared: [String: LogValue.Kind]?
  ) -> String? {
    guard let name = text("name", item, attribute, path) else { return nil }
    guard let value = attribute["value"] else {
      tell(.shape, item, path, "`\(name)` has no `value`")
      return name
    }
    guard let declared else { return name }
    guard let kind = declared[name] else {
      tell(.undeclared, item, path + [.member("name")], "the type has no attribute `\(name)`")
      return name
    }
    if !kind.holds(value) {
      tell(
        .value, item, path + [.member("value")], "`\(name)` is declared \(kind.rawValue), and this is \(value.words)")
    }
    return name
  }

  private mutating func checkTime(_ item: Item, _ json: JSON, _ path: [JSONPlace]) -> String? {
    guard let value = json["time"] else {
      tell(.time, item, path, "there is no `time`")
      return nil
    }
    let place = path + [.member("time")]
    guard let text = value.asString else {
      tell(.time, item, place, "a time is a string such as \"2026-11-21T10:24:05Z\", and this is \(value.kindName)")
      return nil
    }
    switch Moment.read(text) {
    case .time: break
    case .noOffset: tell(.time, item, place, "`\(text)` does not say in which time zone: `Z` or an offset is missing")
    case .wrong: tell(.time, item, place, "`\(text)` is no time such as 2026-11-21T10:24:05Z")
    }
    return text
  }

  /// How many there are.
  @discardableResult
  private mutating func checkRelations(_ item: Item) -> Int {
    let relations = list("relationships", item, item.json, isNeeded: false)
    var seen: Set<[String]> = []
    for (relation, path) in relations {
      let qualifier = text("qualifier", item, relation, path)
      guard let id = text("objectId", item, relation, path) else { continue }
      if !objects.contains(id) {
        tell(.dangling, item, path + [.member("objectId")], "there is no object `\(id)` in this log")
      }
      if let qualifier, !seen.insert([id, qualifier]).inserted {
        tell(.doubtful, item, path, "the same relation to `\(id)` stands here twice")
      }
    }
    return relations.count
  }
}

extension LogValue.Kind {
  /// As the value that it is, or as a string that reads as one: both are in use.
  fileprivate func holds(_ value: JSON) -> Bool {
    switch (self, value) {
    case (.string, .string), (.integer, .int), (.float, .int), (.float, .float), (.boolean, .bool): true
    case (.integer, .string(let text)): Int64(text) != nil
    case (.float, .string(let text)): Double(text) != nil
    case (.boolean, .string(let text)): ["true", "false"].contains(text.lowercased())
    case (.time, .string(let text)): Moment.read(text) != .wrong
    default: false
    }
  }
}

extension JSON {
  fileprivate var words: String {
    switch self {
    case .string(let text): "`\(text.prefix(60))`"
    case .int, .float, .bool: "`\(compact)`"
    default: kindName
    }
  }
}
