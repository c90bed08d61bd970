internal import Values

extension Document {
  var json: JSON {
    object([
      ("schema", .string(DocumentJSON.schema)), ("uses", list(uses.map(\.json))),
      ("workflows", list(workflows.map(\.json))),
      ("experiments", list(experiments.filter { !$0.isPolicy }.map(\.json))),
      ("policies", list(experiments.filter(\.isPolicy).map(\.json))),
    ])
  }
}

/// Without the members that say nothing.
private func object(_ members: [(String, JSON?)]) -> JSON {
  .object(members.compactMap { name, value in value.map { JSON.Member(name, $0) } })
}

private func list(_ items: [JSON]) -> JSON? { items.isEmpty ? nil : .array(items) }
private func text(_ text: String) -> JSON? { text.isEmpty ? nil : .string(text) }
private func arguments(_ members: [Document.Member]) -> JSON? {
  members.isEmpty ? nil : .object(members.map { .init($0.name, $0.value.json) })
}

extension Document.Use {
  fileprivate var json: JSON {
    switch target {
    case .plugin(let names):
      object([("plugin", .string(names.joined(separator: "."))), ("as", alias.map { .string($0) })])
    case .path(let path): object([("path", .string(path)), ("as", alias.map { .string($0) })])
    }
  }
}

extension Document.Workflow {
  fileprivate var json: JSON {
    object([
      ("name", .string(name)), ("doc", text(doc)), ("inputs", list(inputs.map { $0.json("default") })),
      ("steps", list(steps.map(\.json))), ("outputs", list(outputs.map { $0.json("value") })),
    ])
  }
}

extension Document.Port {
  fileprivate func json(_ value: String) -> JSON {
    object([("name", .string(name)), ("doc", text(doc)), ("type", .string(type)), (value, self.value?.json)])
  }
}

extension Document.Step {
  fileprivate var json: JSON {
    var members: [(String, JSON?)] = [("name", .string(name)), ("doc", text(doc))]
    switch body {
    case .call(let call):
      members += call.members
    case .vary(let shared, let variants, let chosen):
      members += [
        ("arguments", arguments(shared)), ("variants", .array(variants.map(\.json))),
        ("default", chosen.map { .string($0) }),
      ]
    }
    if let foreach {
      members.append(
        (
          "foreach",
          object([
            ("items", .array(foreach.items.map { .string($0) })), ("in", foreach.source.json),
            ("max", foreach.limit.map { .int($0) }),
          ])
        ))
    }
    members += [
      ("when", condition?.json), ("phase", phase.map { .string($0) }), ("options", list(options.map(\.json))),
    ]
    return object(members)
  }
}

extension Document.Variant {
  fileprivate var json: JSON { object([("name", .string(name)), ("doc", text(doc))] + call.members) }
}

extension Document.Call {
  fileprivate var members: [(String, JSON?)] {
    [("call", .string(callee.joined(separator: "."))), ("arguments", Imports.arguments(arguments))]
  }
}

extension Document.Option {
  fileprivate var json: JSON {
    .array(
      [.string(name)]
        + words.map { word in
          switch word {
          case .word(let text): .string(text)
          case .int(let number): .int(number)
          case .float(let number): .float(number)
          case .string(let text): ["string": .string(text)]
          }
        })
  }
}

extension Document.Experiment {
  fileprivate var json: JSON {
    object([("name", .string(name)), ("doc", Imports.text(doc)), ("text", .string(text))])
  }
}

extension Document.Expression {
  fileprivate var json: JSON {
    switch self {
    case .null: .null
    case .bool(let flag): .bool(flag)
    case .int(let number): .int(number)
    case .float(let number): .float(number)
    case .number(let digits): ["number": .string(digits)]
    case .quantity(let text):
      if DurationLiteral.parse(text) != nil {
        ["duration": .string(text)]
      } else {
        [ByteSize.parse(text) != nil ? "size" : "quantity": .string(text)]
      }
    case .string(let text): .string(text)
    case .reference(let names): ["ref": .array(names.map { .string($0) })]
    case .call(let names, let arguments):
      ["call": .string(names.joined(separator: ".")), "arguments": .array(arguments.map(\.json))]
    case .list(let items): .array(items.map(\.json))
    case .record(let members): ["record": .object(members.map { .init($0.name, $0.value.json) })]
    case .field(let base, let name): ["field": .string(name), "of": base.json]
    case .unary(let sign, let operand): ["op": .string(sign), "of": [operand.json]]
    case .binary(let sign, _, _): ["op": .string(sign), "of": .array(operands(sign).map(\.json))]
    }
  }

  /// `a + b + c` is one operation on three values.
  private func operands(_ sign: String) -> [Self] {
    var last: [Self] = []
    var first = self
    while case .binary(sign, let left, let right) = first {
      last.append(right)
      first = left
      if Operators.comparisons.contains(sign) { break }
    }
    return [first] + last.reversed()
  }
}
