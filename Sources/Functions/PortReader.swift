internal import Diagnostics
internal import TOML
internal import Values

/// The type and the default of a port.
struct PortReader {
  private let section: Section
  private let problems: Problems
  private let structures: [FunctionManifest.Structure]

  init(_ section: Section, _ problems: Problems, _ structures: [FunctionManifest.Structure]) {
    self.section = section
    self.problems = problems
    self.structures = structures
  }

  /// The type expression of a role, narrowed by `port`; nil for a wrong one, which is said.
  func type(of role: FunctionManifest.Role, isInput: Bool) -> String? {
    let plain = plain(role)
    guard let wanted = section.table["port"]?.string else {
      if let value = section.table["port"], value.boolean == nil {
        problems.add("E0902", "`port` must be a type, or false", value.place.span, value.kindName)
      }
      return plain
    }
    if case .array = role { return wanted }
    let type: ValueType
    do throws(TypeSyntaxError) { type = try ValueType.parse(wanted) } catch {
      problems.add("E0903", "`\(wanted)` is no type: \(error.message)", section.span("port"), "not understood")
      return nil
    }
    let fits =
      switch (type, plain) {
      case (.int, "int"), (.float, "float"), (.bool, "bool"), (.bool, "int"), (.string, "string"),
        (.enumeration, "string"):
        true
      case (.bytes, "string"): isText(role)
      default: "\(type)" == plain
      }
    guard fits else {
      problems.add("E0903", "this port is `\(plain)`, not `\(wanted)`", section.span("port"), "another type than C's")
      return nil
    }
    return wanted
  }

  private func isText(_ role: FunctionManifest.Role) -> Bool { if case .text = role { true } else { false } }

  private func plain(_ role: FunctionManifest.Role) -> String {
    switch role {
    case .scalar(let scalar): return scalar.port
    case .text, .null: return "string"
    case .callback(.formula): return "string"
    case .callback: return ""
    case .structure(let index): return record(index)
    case .array(let array):
      switch array.flavour {
      case .bytes: return "bytes"
      case .list: return "list<\(array.element.port)>"
      case .tensor:
        let dimensions = array.shape.map { dimension -> String in
          guard let dimension, array.used == nil else { return "?" }
          if case .number(let number) = dimension { return number >= 0 ? "\(number)" : "?" }
          return dimension.asName ?? "?"
        }
        return "tensor<\(array.element.element ?? "u8")>[\(dimensions.joined(separator: ", "))]"
      }
    }
  }

  private func record(_ index: Int) -> String {
    let fields = structures[index].fields.map { field in
      switch field.type.base {
      case .structure(let inner): "\(field.name): \(record(inner))"
      default: "\(field.name): \(field.type.scalar?.port ?? "int")"
      }
    }
    return "{\(fields.joined(separator: ", "))}"
  }

  func defaultJSON(_ type: String) -> String? {
    guard let value = section.table["default"] else { return nil }
    guard let json = json(value) else {
      problems.add("E0902", "a default cannot be \(value.kindName)", value.place.span)
      return nil
    }
    do {
      _ = try Value(json: json, type: try ValueType.parse(type))
    } catch {
      problems.add("E0902", "this default is no `\(type)`: \(error)", value.place.span, "another type than the port's")
    }
    return json.compact
  }

  private func json(_ value: TOMLValue) -> JSON? {
    switch value.content {
    case .string(let text): return .string(text)
    case .integer(let number): return .int(number)
    case .float(let number): return number.isFinite ? .float(number) : nil
    case .boolean(let flag): return .bool(flag)
    case .date: return nil
    case .array(let items):
      let items = items.map(json)
      return items.contains(nil) ? nil : .array(items.compactMap { $0 })
    case .table(let table):
      let members = table.entries.compactMap { entry in json(entry.value).map { JSON.Member(entry.key, $0) } }
      return members.count == table.entries.count ? .object(members) : nil
    }
  }
}
