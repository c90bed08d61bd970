internal import Diagnostics
package import Values
package import Workflows

/// What is filled into the form of a gate.
package struct Form: Sendable {
  private let fields: [Experiment.Field]
  package init(_ fields: [Experiment.Field]) { self.fields = fields }

  /// Every field once, each of its type.
  package func filled(_ settings: [(name: String, text: String)]) throws(ConfigurationError) -> JSON {
    var members: [JSON.Member] = []
    for (name, text) in settings {
      guard let field = fields.first(where: { $0.name == name }) else {
        throw ConfigurationError(
          message: "the form has no field `\(name)`",
          help: nearest(name, fields.map(\.name)).map { "did you mean `\($0)`?" }
            ?? (fields.isEmpty ? "" : "fields: \(fields.map(\.words).joined(separator: ", "))"))
      }
      guard !members.contains(where: { $0.name == name }) else {
        throw ConfigurationError(message: "`\(name)` is given twice")
      }
      guard let value = field.value(text) else {
        throw ConfigurationError(message: "`\(name)` cannot be `\(text)`", help: "it is \(field.words)")
      }
      members.append(.init(name, value))
    }
    let missing = fields.filter { field in !members.contains { $0.name == field.name } }
    guard missing.isEmpty else {
      throw ConfigurationError(
        message: "the gate has a form: \(missing.map(\.name).joined(separator: ", ")) missing",
        help: "write \(missing.map { "--field \($0.name)=…" }.joined(separator: " ")): "
          + missing.map(\.words).joined(separator: ", "))
    }
    return .object(members)
  }
}

extension Experiment.Field {
  /// As the document declares it.
  package var words: String {
    switch domain {
    case nil: name
    case .choices(let values)?: "\(name) in [\(values.map(\.words).joined(separator: ", "))]"
    case .integers(let low, let high, let step, _)?:
      "\(name) in int \(low)..\(high)" + (step == 1 ? "" : " step \(step)")
    case .floats(let low, let high, let step, _)?:
      "\(name) in float \(low)..\(high)" + (step.map { " step \($0)" } ?? "")
    case .artifacts?: name
    }
  }

  fileprivate func value(_ text: String) -> JSON? {
    switch domain {
    case nil, .artifacts?: return text.isEmpty ? nil : .string(text)
    case .choices(let values)?: return values.first { $0.words == text || $0.description == text }?.json()
    case .integers(let low, let high, let step, _)?:
      guard let number = Int64(text), number >= low, number <= high, (number - low) % max(step, 1) == 0 else {
        return nil
      }
      return .int(number)
    case .floats(let low, let high, let step, _)?:
      guard let number = Double(text), number >= low, number <= high else { return nil }
      if let step {
        let steps = (number - low) / step
        guard (steps - steps.rounded()).magnitude < 1e-6 else { return nil }
      }
      return .float(number)
    }
  }
}
