internal import Diagnostics
internal import Syntax
internal import Values

/// Reads the JSON form straight into the tree that a text has: the checker cannot tell them apart, but for places, which
/// are in the JSON. Nothing passes through text, so nothing in a name, a type or a word can become something else.
///
/// Spans of names, types and literals are what stands between their quotes; those of expressions are whole JSON values.
struct JSONReader {
  var json: JSONCursor

  init(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int = 0) { json = JSONCursor(bytes, at: offset) }

  /// Experiments are kept as text, which is not read here.
  struct Whole {
    var edition = SyntaxTree.Edition(number: 1, span: .none)
    var uses: [UseSyntax] = []
    var workflows: [WorkflowSyntax] = []
    var experiments: [Document.Experiment] = []
  }

  mutating func document() throws(JSONProblem) -> Whole {
    var whole = Whole()
    var hasSchema = false
    var object = try open(Members.document)
    while let name = try next(&object) {
      switch name {
      case "schema":
        let (text, span) = try string()
        guard text == DocumentJSON.schema else {
          throw JSONProblem("expected \"\(DocumentJSON.schema)\"", at: span.start)
        }
        whole.edition.span = span
        hasSchema = true
      case "uses": whole.uses = try list { (reader) throws(JSONProblem) in try reader.use() }
      case "workflows": whole.workflows = try list { (reader) throws(JSONProblem) in try reader.workflow() }
      case "policies":
        whole.experiments += try list { (reader) throws(JSONProblem) in
          var policy = try reader.experiment()
          policy.isPolicy = true
          return policy
        }
      default: whole.experiments += try list { (reader) throws(JSONProblem) in try reader.experiment() }
      }
    }
    guard hasSchema else { throw object.missing("schema") }
    try json.end()
    return whole
  }

  private mutating func use() throws(JSONProblem) -> UseSyntax {
    var targets: [UseSyntax.Target] = []
    var alias: Name?
    var object = try open(Members.use)
    while let name = try next(&object) {
      switch name {
      case "plugin": targets.append(.plugin(try dotted()))
      case "path":
        let (text, span) = try string()
        targets.append(.path(text, span))
      default: alias = try self.name()
      }
    }
    guard let target = targets.first, targets.count == 1 else {
      throw JSONProblem("expected either `plugin` or `path`", at: object.start)
    }
    return UseSyntax(target: target, alias: alias, span: span(object))
  }

  private mutating func workflow() throws(JSONProblem) -> WorkflowSyntax {
    let none = Name(text: "", span: .none)
    var result = WorkflowSyntax(name: none, doc: "", span: .none, openBrace: .none)
    var found: Name?
    var object = try open(Members.workflow)
    while let name = try next(&object) {
      switch name {
      case "name": found = try self.name()
      case "doc": result.doc = try string().text
      case "inputs": result.inputs = try list { (reader) throws(JSONProblem) in try reader.input() }
      case "steps": result.steps = try list { (reader) throws(JSONProblem) in try reader.step() }
      default: result.outputs = try list { (reader) throws(JSONProblem) in try reader.output() }
      }
    }
    result.name = try object.required(found, "name")
    result.span = span(object)
    result.openBrace = Span(object.start, object.start + 1)
    result.closeBrace = Span(json.offset - 1, json.offset)
    return result
  }

  private mutating func input() throws(JSONProblem) -> InputSyntax {
    var port = Port()
    var object = try open(Members.input)
    while let name = try next(&object) { try port.read(name, &self) }
    return InputSyntax(
      name: try object.required(port.name, "name"), doc: port.doc, type: try object.required(port.type, "type"),
      defaultValue: port.value, span: span(object))
  }

  private mutating func output() throws(JSONProblem) -> OutputSyntax {
    var port = Port()
    var object = try open(Members.output)
    while let name = try next(&object) { try port.read(name, &self) }
    return OutputSyntax(
      name: try object.required(port.name, "name"), doc: port.doc, type: try object.required(port.type, "type"),
      value: try object.required(port.value, "value"), span: span(object))
  }

  private struct Port {
    var name: Name?
    var doc = ""
    var type: TypeSyntax?
    var value: ExpressionSyntax?

    mutating func read(_ member: String, _ reader: inout JSONReader) throws(JSONProblem) {
      switch member {
      case "name": name = try reader.name()
      case "doc": doc = try reader.string().text
      case "type": type = TypeSyntax(span: try reader.string().span)
      default: value = try reader.expression()
      }
    }
  }

  private mutating func experiment() throws(JSONProblem) -> Document.Experiment {
    var found: Name?
    var doc = ""
    var text: String?
    var object = try open(Members.experiment)
    while let name = try next(&object) {
      switch name {
      case "name": found = try self.name()
      case "doc": doc = try string().text
      default: text = try string().text
      }
    }
    return .init(name: try object.required(found, "name").text, doc: doc, text: try object.required(text, "text"))
  }
}

// MARK: JSON

extension JSONReader {
  /// An object whose members are all known.
  struct Object {
    let start: Int
    let known: [String]
    var isFirst = true
    /// One bit for each known member that was there.
    var seen: UInt32 = 0

    func missing(_ name: String) -> JSONProblem { JSONProblem("`\(name)` is missing", at: start) }

    func required<T>(_ value: T?, _ name: String) throws(JSONProblem) -> T {
      guard let value else { throw missing(name) }
      return value
    }
  }

  mutating func open(_ known: [String]) throws(JSONProblem) -> Object {
    let start = try begin(.object, "an object")
    return Object(start: start, known: known)
  }

  /// The name of the next member; nil: behind the object.
  mutating func next(_ object: inout Object) throws(JSONProblem) -> String? {
    guard let (name, start) = try json.nextName(&object.isFirst) else { return nil }
    guard let place = object.known.firstIndex(of: name) else {
      let names = object.known.map { "`\($0)`" }.joined(separator: ", ")
      throw JSONProblem("unknown member `\(name)`; known are \(names)", at: start)
    }
    guard object.seen & 1 << UInt32(place) == 0 else { throw Self.twice(name, start) }
    object.seen |= 1 << UInt32(place)
    return name
  }

  static func twice(_ name: String, _ start: Int) -> JSONProblem {
    JSONProblem("the name \"\(name)\" stands twice in this object", at: start)
  }

  /// Of an object that was just left.
  func span(_ object: Object) -> Span { Span(object.start, json.offset) }

  /// Into an array or object; where it begins.
  mutating func begin(_ kind: JSONCursor.Kind, _ what: String) throws(JSONProblem) -> Int {
    guard try json.peek() == kind else { throw try unexpected(what) }
    let start = json.offset
    try json.enter()
    return start
  }

  private mutating func unexpected(_ what: String) throws(JSONProblem) -> JSONProblem {
    let start = json.offset
    return JSONProblem("expected \(what), found \(try json.value().kindName)", at: start)
  }

  mutating func list<T>(
    _ item: (inout JSONReader) throws(JSONProblem) -> T
  ) throws(JSONProblem) -> [T] {
    _ = try begin(.array, "an array")
    var result: [T] = []
    var isFirst = true
    while try json.nextItem(&isFirst) { result.append(try item(&self)) }
    return result
  }

  /// A string and the place of what stands between its quotes.
  mutating func string() throws(JSONProblem) -> (text: String, span: Span) {
    guard try json.peek() == .string else { throw try unexpected("a string") }
    let start = json.offset
    let text = try json.string()
    return (text, Span(start + 1, json.offset - 1))
  }

  mutating func name() throws(JSONProblem) -> Name {
    let (text, span) = try string()
    guard Lexer.isName(text) else {
      throw JSONProblem("`\(text)` is not a name: letters, digits and `_`", at: span.start)
    }
    return Name(text: text, span: span)
  }

  /// Names joined by dots.
  mutating func dotted() throws(JSONProblem) -> NamePath {
    let (text, span) = try string()
    var names: [Name] = []
    var start = span.start
    for part in text.split(separator: ".", omittingEmptySubsequences: false) {
      let name = String(part)
      guard Lexer.isName(name) else { throw JSONProblem("`\(text)` is not a name", at: span.start) }
      names.append(Name(text: name, span: Span(start, min(start + name.utf8.count, span.end))))
      start = min(start + name.utf8.count + 1, span.end)
    }
    return NamePath(names: names)
  }

  /// The members that objects have.
  enum Members {
    static let document = ["schema", "uses", "workflows", "experiments", "policies"]
    static let use = ["plugin", "path", "as"]
    static let workflow = ["name", "doc", "inputs", "steps", "outputs"]
    static let input = ["name", "doc", "type", "default"]
    static let output = ["name", "doc", "type", "value"]
    static let experiment = ["name", "doc", "text"]
    static let step = [
      "name", "doc", "call", "arguments", "variants", "default", "foreach", "when", "phase", "options",
    ]
    static let variant = ["name", "doc", "call", "arguments"]
    static let foreach = ["items", "in", "max"]
    static let string = ["string"]
  }
}
