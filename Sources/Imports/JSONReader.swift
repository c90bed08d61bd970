internal import Values

/// Reads the JSON form, member by member; anything unexpected is a problem with its place.
struct JSONReader {
  static func document(_ json: JSON) throws(ImportProblem) -> Document {
    let object = try Place(json, "$").object(["schema", "uses", "workflows", "experiments"])
    let schema = try object.required("schema")
    guard schema.json == .string(DocumentJSON.schema) else {
      throw schema.problem("expected \"\(DocumentJSON.schema)\"")
    }
    var document = Document()
    document.uses = try object.list("uses", use)
    document.workflows = try object.list("workflows", workflow)
    document.experiments = try object.list("experiments", experiment)
    return document
  }

  private static func use(_ place: Place) throws(ImportProblem) -> Document.Use {
    let object = try place.object(["plugin", "path", "as"])
    let alias = try object["as"].map { (place) throws(ImportProblem) in try place.name() }
    switch (object["plugin"], object["path"]) {
    case (let plugin?, nil): return .init(target: .plugin(try plugin.dotted()), alias: alias)
    case (nil, let path?): return .init(target: .path(try path.string()), alias: alias)
    default: throw place.problem("expected either `plugin` or `path`")
    }
  }

  private static func workflow(_ place: Place) throws(ImportProblem) -> Document.Workflow {
    let object = try place.object(["name", "doc", "inputs", "steps", "outputs"])
    return .init(
      name: try object.required("name").name(), doc: try object.doc(),
      inputs: try object.list("inputs") { (place) throws(ImportProblem) in
        let object = try place.object(["name", "doc", "type", "default"])
        return try port(object, object["default"])
      }, steps: try object.list("steps", step),
      outputs: try object.list("outputs") { (place) throws(ImportProblem) in
        let object = try place.object(["name", "doc", "type", "value"])
        return try port(object, try object.required("value"))
      })
  }

  private static func port(_ object: PlaceObject, _ value: Place?) throws(ImportProblem) -> Document.Port {
    let type = try object.required("type")
    return .init(
      name: try object.required("name").name(), doc: try object.doc(), type: TypeSpelling.canonical(try type.string()),
      value: try value.map(expression))
  }

  private static func experiment(_ place: Place) throws(ImportProblem) -> Document.Experiment {
    let object = try place.object(["name", "doc", "text"])
    return .init(
      name: try object.required("name").name(), doc: try object.doc(), text: try object.required("text").string())
  }

  // MARK: Steps

  private static func step(_ place: Place) throws(ImportProblem) -> Document.Step {
    let object = try place.object([
      "name", "doc", "call", "arguments", "variants", "default", "foreach", "when", "phase", "options",
    ])
    let body: Document.Step.Body
    if let variants = object["variants"] {
      if object["call"] != nil { throw place.problem("expected either `call` or `variants`") }
      body = .vary(
        shared: try arguments(object), variants: try variants.list(variant),
        default: try object["default"].map { (place) throws(ImportProblem) in try place.name() })
    } else {
      if let chosen = object["default"] { throw chosen.problem("only a step with `variants` has a default") }
      body = .call(try call(object))
      if case .call(let call) = body, call.callee == ["vary"] {
        throw try object.required("call").problem("a variability point has `variants` instead of a call")
      }
    }
    var result = Document.Step(
      name: try object.required("name").name(), doc: try object.doc(), body: body,
      condition: try object["when"].map(expression), options: try object.list("options", option))
    result.phase = try object["phase"].map { (place) throws(ImportProblem) in try place.name() }
    result.foreach = try object["foreach"].map(foreach)
    return result
  }

  private static func variant(_ place: Place) throws(ImportProblem) -> Document.Variant {
    let object = try place.object(["name", "doc", "call", "arguments"])
    return .init(name: try object.required("name").name(), doc: try object.doc(), call: try call(object))
  }

  private static func call(_ object: PlaceObject) throws(ImportProblem) -> Document.Call {
    .init(callee: try object.required("call").dotted(), arguments: try arguments(object))
  }

  private static func arguments(_ object: PlaceObject) throws(ImportProblem) -> [Document.Member] {
    try object["arguments"].map(members) ?? []
  }

  private static func members(_ place: Place) throws(ImportProblem) -> [Document.Member] {
    var result: [Document.Member] = []
    for (name, value) in try place.members() {
      guard Place.isName(name) else { throw value.problem("`\(name)` is not a name") }
      result.append(.init(name: name, value: try expression(value)))
    }
    return result
  }

  private static func foreach(_ place: Place) throws(ImportProblem) -> Document.Foreach {
    let object = try place.object(["items", "in", "max"])
    let items = try object.required("items")
    let names = try items.list { (place) throws(ImportProblem) in try place.name() }
    guard !names.isEmpty else { throw items.problem("expected at least one name") }
    var limit: Int64?
    if let place = object["max"] {
      guard let number = place.json.asInt, number >= 0 else { throw place.problem("expected a number from 0 on") }
      limit = number
    }
    return .init(items: names, source: try expression(try object.required("in")), limit: limit)
  }

  private static func option(_ place: Place) throws(ImportProblem) -> Document.Option {
    let parts = try place.list { (place) throws(ImportProblem) in place }
    guard let first = parts.first else { throw place.problem("expected the name of an option and its words") }
    let name = try first.string()
    guard name == "on failure" || Place.isName(name) else { throw first.problem("`\(name)` is not an option") }
    var words: [Document.Option.Word] = []
    for part in parts.dropFirst() {
      switch part.json {
      case .string(let text): words.append(.word(text))
      case .int(let number) where number >= 0: words.append(.int(number))
      case .float(let number) where number >= 0 && number.isFinite: words.append(.float(number))
      case .object: words.append(.string(try part.object(["string"]).required("string").string()))
      default: throw part.problem("expected a word, a number from 0 on or {\"string\": …}")
      }
    }
    return .init(name: name, words: words)
  }

  // MARK: Expressions

  /// Operations on more values than this are deeper trees than the language allows.
  private static let mostOperands = 200

  private static func expression(_ place: Place) throws(ImportProblem) -> Document.Expression {
    switch place.json {
    case .null: return .null
    case .bool(let flag): return .bool(flag)
    case .int(let number): return .int(number)
    case .float(let number):
      guard number.isFinite else { throw place.problem("this number is not finite") }
      return .float(number)
    case .string(let text): return .string(text)
    case .array: return .list(try place.list(expression))
    case .object: return try tagged(place)
    }
  }

  private static func tagged(_ place: Place) throws(ImportProblem) -> Document.Expression {
    let tags = ["ref", "call", "record", "field", "op", "duration", "size", "quantity", "number"]
    guard let tag = tags.first(where: { place.json[$0] != nil }) else {
      throw place.problem(
        "expected one of \(tags.map { "`\($0)`" }.joined(separator: ", ")); a record is {\"record\": {…}}")
    }
    switch tag {
    case "ref":
      let names = try place.object(["ref"]).required("ref")
      let path = try names.list { (place) throws(ImportProblem) in try place.name() }
      guard let first = path.first else { throw names.problem("expected at least one name") }
      guard !["true", "false", "null", "not"].contains(first) else {
        throw names.problem("`\(first)` is not a reference")
      }
      return .reference(path)
    case "call":
      let object = try place.object(["call", "arguments"])
      return .call(try object.required("call").dotted(), try object.list("arguments", expression))
    case "record": return .record(try members(try place.object(["record"]).required("record")))
    case "field":
      let object = try place.object(["field", "of"])
      return .field(try expression(try object.required("of")), try object.required("field").name())
    case "op": return try operation(try place.object(["op", "of"]))
    case "number":
      let digits = try place.object(["number"]).required("number")
      let text = try digits.literal("digits") { $0.isASCII && ($0.isNumber || ".eE+-".contains($0)) }
      return .number(text: text)
    default:
      let text = try place.object([tag]).required(tag)
      let literal = try text.literal("a number and a unit") {
        $0.isASCII && ($0.isNumber || $0.isLetter || $0 == "." || $0 == "-" || $0 == "+")
      }
      if tag == "duration", DurationLiteral.parse(literal) == nil {
        throw text.problem("expected a duration such as 5m")
      }
      if tag == "size", ByteSize.parse(literal) == nil { throw text.problem("expected a size such as 2GiB") }
      return .quantity(literal)
    }
  }

  private static func operation(_ object: PlaceObject) throws(ImportProblem) -> Document.Expression {
    let place = try object.required("op")
    let sign = try place.string()
    let operands = try object.list("of", expression)
    guard let first = operands.first, operands.count <= mostOperands else {
      throw try object.required("of").problem("expected 1 to \(mostOperands) operands")
    }
    if operands.count == 1 {
      if sign == "-" { return .negated(first) }
      if sign == "not" { return .unary(sign, first) }
      throw place.problem("`\(sign)` with one operand: expected `-` or `not`")
    }
    guard Operators.levels[sign] != nil else {
      throw place.problem("expected one of \(Operators.levels.keys.sorted().joined(separator: " ")), found `\(sign)`")
    }
    guard operands.count == 2 || !Operators.comparisons.contains(sign) else {
      throw place.problem("comparisons take two operands")
    }
    return operands.dropFirst().reduce(first) { .binary(sign, $0, $1) }
  }
}
