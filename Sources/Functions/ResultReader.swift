internal import Diagnostics
internal import TOML

/// Reads `returns`.
struct ResultReader {
  private let section: Section
  private let problems: Problems
  private let types: CTypeParser
  private let structures: [FunctionManifest.Structure]
  private let isFortran: Bool

  init(
    _ table: TOMLTable, _ span: Span, _ problems: Problems, types: CTypeParser,
    structures: [FunctionManifest.Structure], isFortran: Bool
  ) {
    section = Section(
      table, span, "`returns`",
      allowed: ["name", "c", "port", "len", "shape", "order", "free", "ok", "message", "codes", "doc", "unit"], problems
    )
    self.problems = problems
    self.types = types
    self.structures = structures
    self.isFortran = isFortran
  }

  func result() -> FunctionManifest.Result? {
    guard let text = section.required("c") else { return nil }
    let type: CType
    do throws(CTypeError) { type = try types.parse(text) } catch {
      problems.add("E0903", error.message, section.span("c"), "not understood", help: error.help)
      return nil
    }
    if type.base == .void && !type.isPointer {
      problems.add("E0902", "a function that returns nothing has no `returns`", section.span("c"), "leave it out")
      return nil
    }
    guard let role = role(type) else { return nil }
    var result = FunctionManifest.Result(type: type, role: role, span: section.span, typeSpan: section.span("c"))
    result.status = StatusReader(section, problems).status(of: role, isPointer: type.isPointer)
    readFree(&result)
    readPort(&result)
    return result
  }

  private func role(_ type: CType) -> FunctionManifest.Role? {
    switch type.base {
    case .function:
      problems.add("E0903", "a function that is returned cannot be bound", section.span("c"))
      return nil
    case .structure(let index) where !type.isPointer:
      return .structure(index)
    case .scalar(let scalar) where !type.isPointer:
      return .scalar(scalar)
    case .scalar(.character) where !ArrayReader(section, problems).isAsked(type):
      if isFortran {
        problems.add(
          "E0903", "a Fortran function that returns characters cannot be bound", section.span("c"),
          help: "make it a subroutine with a character argument")
      }
      return .text(capacity: nil, used: nil)
    case .scalar(let scalar) where ArrayReader(section, problems).isAsked(type):
      return array(scalar, type)
    case .void where ArrayReader(section, problems).isAsked(type):
      return array(nil, type)
    default:
      if !section.has("ok") {
        problems.add(
          "E0905", "what does the returned `\(type.text)` point to?", section.span("c"), "a pointer without `len`",
          help: "len = \"n\" for an array, ok = \"!= null\" to judge it alone")
      }
      return .null
    }
  }

  private func array(_ scalar: Scalar?, _ type: CType) -> FunctionManifest.Role? {
    guard let array = ArrayReader(section, problems).array(scalar, type) else { return nil }
    if array.shape.contains(nil) {
      problems.add("E0905", "how large is the returned array?", section.span("c"), "`len` is missing")
    }
    return .array(array)
  }

  private func readFree(_ result: inout FunctionManifest.Result) {
    guard let free = section.text("free") else { return }
    guard result.type.isPointer else {
      problems.add("E0902", "only a pointer is freed", section.span("free"))
      return
    }
    guard free != "borrowed" else { return }
    if !free.isWord { problems.add("E0902", "`free` names a function", section.span("free"), "such as \"free\"") }
    result.free = free
  }

  private func readPort(_ result: inout FunctionManifest.Result) {
    guard section.table["port"]?.boolean != false, result.role != .null else { return }
    guard result.status == nil || section.has("port") || section.has("name") || result.type.isPointer else { return }
    let name = section.text("name") ?? "result"
    guard name.isPortName else {
      problems.add("E0902", "`\(name)` is no name for a port", section.span("name"), "a-z, 0-9 and _ are")
      return
    }
    guard let type = PortReader(section, problems, structures).type(of: result.role, isInput: false) else { return }
    result.output = FunctionManifest.Port(
      name: name, type: type, doc: section.text("doc") ?? "", unit: section.text("unit") ?? "")
  }
}

/// Reads `ok`, `message` and `codes`: how a value tells a failure.
struct StatusReader {
  private let section: Section
  private let problems: Problems

  init(_ section: Section, _ problems: Problems) {
    self.section = section
    self.problems = problems
  }

  func status(of role: FunctionManifest.Role, isPointer: Bool = false) -> FunctionManifest.Status? {
    guard section.has("ok") else {
      for key in ["message", "codes"] where section.has(key) {
        problems.add("E0902", "`\(key)` belongs to `ok`", section.span(key), "`ok` is missing", help: "ok = \"== 0\"")
      }
      return nil
    }
    guard let text = section.text("ok") else { return nil }
    let words = text.split(separator: " ").map(String.init)
    let comparisons = ["==", "!=", "<", "<=", ">", ">="]
    guard words.count == 2, comparisons.contains(words[0]), let comparison = Expression.Operator(rawValue: words[0])
    else {
      problems.add(
        "E0906", "`ok` is `\(text)`", section.span("ok"), "not understood",
        help: "such as \"== 0\", \">= 0\", \"!= null\"")
      return nil
    }
    var status = FunctionManifest.Status(comparison: comparison, constant: nil, codes: [])
    if words[1] == "null" {
      if !isPointer || (comparison != .unequal && comparison != .equal) {
        problems.add("E0906", "`null` is for pointers, with == or !=", section.span("ok"))
      }
    } else if let number = Int64(words[1]) {
      guard case .scalar(let scalar) = role, scalar.isInteger || scalar == .bool || scalar == .logical else {
        problems.add("E0906", "`ok` compares integers and pointers", section.span("ok"), "this is neither")
        return nil
      }
      status.constant = number
    } else {
      problems.add("E0906", "`\(words[1])` is no whole number and not null", section.span("ok"))
    }
    readMessage(&status)
    readCodes(&status)
    return status
  }

  private func readMessage(_ status: inout FunctionManifest.Status) {
    guard let text = section.text("message") else { return }
    for (ending, takesValue) in [("(ret)", true), ("()", false)] where text.hasSuffix(ending) {
      let symbol = String(text.dropLast(ending.count))
      if symbol.isWord {
        status.messageFunction = (symbol, takesValue)
        return
      }
    }
    status.message = text
  }

  private func readCodes(_ status: inout FunctionManifest.Status) {
    guard let (table, _) = section.table("codes") else { return }
    for entry in table.entries {
      guard let code = Int64(entry.key) else {
        problems.add("E0902", "`\(entry.key)` is no whole number", entry.keyPlace.span, "a code is expected")
        continue
      }
      if let text = entry.value.string {
        status.codes.append((code, text, "failed"))
      } else if let inner = entry.value.table {
        let inner = Section(inner, entry.value.place.span, "a code", allowed: ["message", "kind"], problems)
        let kind = inner.word("kind", of: ["failed", "transient", "input", "resource"]) ?? "failed"
        status.codes.append((code, inner.required("message") ?? "", kind))
      } else {
        problems.add("E0902", "a code has a text, or { message, kind }", entry.value.place.span)
      }
    }
  }
}
