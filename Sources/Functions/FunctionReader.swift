internal import Diagnostics
internal import TOML

/// Reads one `[[function]]`.
struct FunctionReader {
  private static let keys = [
    "id", "symbol", "library", "version", "title", "doc", "phase", "pure", "deterministic", "idempotent", "network",
    "reads_files", "thread", "convention", "errno", "variadic", "params", "returns", "requires",
  ]

  let section: Section
  let problems: Problems
  let types: CTypeParser
  let structures: [FunctionManifest.Structure]
  private let libraries: [FunctionManifest.Library]
  private let plugin: String
  private let version: String

  init(
    _ table: TOMLTable, _ span: Span, _ problems: Problems, types: CTypeParser, libraries: [FunctionManifest.Library],
    structures: [FunctionManifest.Structure], plugin: String, version: String
  ) {
    section = Section(table, span, "a function", allowed: Self.keys, problems)
    self.problems = problems
    self.types = types
    self.libraries = libraries
    self.structures = structures
    self.plugin = plugin
    self.version = version
  }

  mutating func function() -> FunctionManifest.Function? {
    let library = self.library()
    let convention = section.word("convention", of: ["c", "fortran"])
    let isFortran =
      convention.map { $0 == "fortran" } ?? libraries.indices.contains(library) && libraries[library].isFortran
    guard section.has("symbol") || section.has("id") else {
      problems.add("E0902", "a function needs `symbol` or `id`", section.span, "which function?")
      return nil
    }
    let named = section.text("id") ?? section.text("symbol")
    guard var local = named else { return nil }
    if !section.has("id") {
      while isFortran && local.hasSuffix("_") { local.removeLast() }
    }
    if local.hasPrefix(plugin + ".") { local = String(local.dropFirst(plugin.utf8.count + 1)) }
    let nameSpan = section.span(section.has("id") ? "id" : "symbol")
    guard local.isDottedName, local.utf8.count < 150 else {
      problems.add(
        "E0902", "`\(local)` is no name for a task", nameSpan, "letters, digits, _ and dots", help: "give it an `id`")
      return nil
    }
    let symbol = section.text("symbol") ?? (isFortran ? local.lowercased() + "_" : local)
    var function = FunctionManifest.Function(
      id: plugin + "." + local, version: section.text("version") ?? version, library: library, symbol: symbol,
      isFortran: isFortran, parameters: [], span: nameSpan,
      symbolSpan: section.has("symbol") ? section.span("symbol") : nameSpan)
    if symbol.isEmpty || symbol.contains(" ") { problems.add("E0902", "`\(symbol)` is no symbol", function.symbolSpan) }
    readPromises(&function)
    readParameters(&function)
    readResult(&function)
    readRequirements(&function)
    check(function)
    return function
  }

  private func library() -> Int {
    guard section.has("library") else {
      if libraries.count > 1 {
        problems.add(
          "E0904", "which library is the function in?", section.span, "`library` is missing",
          help: "there are \(libraries.map(\.name).joined(separator: ", "))")
      }
      return 0
    }
    guard let name = section.text("library") else { return 0 }
    if let index = libraries.firstIndex(where: { $0.name == name }) { return index }
    problems.unknown(
      "E0904", "there is no [library.\(name)]", name, section.span("library"), known: libraries.map(\.name),
      help: libraries.isEmpty ? "declare it" : "there are \(libraries.map(\.name).joined(separator: ", "))")
    return 0
  }

  private func readPromises(_ function: inout FunctionManifest.Function) {
    function.title = section.text("title") ?? ""
    function.doc = section.text("doc") ?? ""
    function.phase = section.text("phase") ?? ""
    if !function.version.utf8.allSatisfy({ $0.isNameByte || ".+-".utf8.contains($0) }) || function.version.isEmpty {
      problems.add("E0902", "`\(function.version)` is no version", section.span("version"), "such as 1.0.0")
    }
    let bits =
      [("pure", 1), ("deterministic", 2), ("idempotent", 4), ("network", 8), ("reads_files", 16)] as [(String, UInt32)]
    for (word, bit) in bits where section.flag(word) { function.flags |= bit }
    function.threads = section.word("thread", of: ["process", "free"]) ?? "process"
    switch section.word("errno", of: ["check", "report"]) {
    case "check": function.errno = .checked
    case "report": function.errno = .reported
    default: function.errno = .ignored
    }
  }

  private mutating func readParameters(_ function: inout FunctionManifest.Function) {
    let tables = section.tables("params")
    if tables.count > 64 {
      problems.add(
        "E0902", "a function with \(tables.count) parameters", section.span("params"), "at most 64 can be bound")
      return
    }
    for (table, span) in tables {
      let reader = ParameterReader(
        table, span, problems, types: types, structures: structures, isFortran: function.isFortran)
      guard let (parameter, status) = reader.parameter() else { continue }
      if function.parameters.contains(where: { $0.name == parameter.name }) {
        problems.add("E0907", "two parameters are called `\(parameter.name)`", parameter.span, "the second one")
      }
      if let status { function.statuses.append((function.parameters.count, status)) }
      function.parameters.append(parameter)
    }
    readVariadic(&function)
  }

  private func readVariadic(_ function: inout FunctionManifest.Function) {
    guard let value = section.table["variadic"] else { return }
    guard let fixed = value.integer, fixed >= 1, fixed <= function.parameters.count else {
      problems.add(
        "E0902", "`variadic` is how many parameters come before `...`", value.place.span,
        "1 to \(max(1, function.parameters.count))")
      return
    }
    function.fixedParameters = Int(fixed)
    for parameter in function.parameters.dropFirst(Int(fixed)) {
      guard case .scalar(let scalar) = parameter.role, !parameter.isByReference else { continue }
      if scalar == .f32 || scalar.size < 4 {
        problems.add(
          "E0903", "C never passes `\(parameter.type.text)` behind `...`", parameter.typeSpan,
          scalar == .f32 ? "it becomes a double" : "it becomes an int")
      }
    }
  }

  private func readResult(_ function: inout FunctionManifest.Function) {
    guard let (table, span) = section.table("returns") else { return }
    let reader = ResultReader(
      table, span, problems, types: types, structures: structures, isFortran: function.isFortran)
    function.result = reader.result()
    if let output = function.result?.output, function.parameters.contains(where: { $0.output?.name == output.name }) {
      problems.add("E0907", "two outputs are called `\(output.name)`", span, "give the result another `name`")
    }
  }

  private func readRequirements(_ function: inout FunctionManifest.Function) {
    for (text, span) in section.texts("requires") {
      if let expression = section.expression(text, span, "requires") {
        function.requirements.append((expression, text))
      }
    }
  }

  /// What only the whole function can tell: that expressions name what there is, without circles.
  private func check(_ function: FunctionManifest.Function) {
    let names = Names(function)
    for parameter in function.parameters {
      if let trouble = names.trouble(of: parameter) {
        problems.unknown(
          trouble.code, trouble.message, trouble.name, parameter.span, known: names.known, help: trouble.help)
      }
    }
    for requirement in function.requirements {
      if let trouble = names.trouble(in: requirement.expression) {
        problems.unknown(
          trouble.code, "`requires`: \(trouble.message)", trouble.name, section.span("requires"), known: names.known,
          help: trouble.help)
      }
    }
    if case .array(let array)? = function.result?.role, let span = function.result?.span {
      for length in array.shape.compactMap({ $0 }) {
        if let trouble = names.trouble(in: length, afterCall: true) {
          problems.unknown(trouble.code, trouble.message, trouble.name, span, known: names.known, help: trouble.help)
        }
      }
    }
    let outputs = function.parameters.contains { $0.output != nil } || function.result?.output != nil
    if !outputs && function.flags & 1 != 0 {
      problems.add("E0902", "a pure function without an output does nothing", function.span, "`pure`, and no output")
    }
  }
}
