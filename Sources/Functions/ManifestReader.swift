package import Diagnostics
internal import TOML

extension FunctionManifest {
  /// Reads a manifest. `directory` is what relative paths in it are relative to. Nil when there is an error; the
  /// diagnostics point into the file. O(length).
  package static func read(
    _ file: SourceFile, directory: String
  ) -> (manifest: FunctionManifest?, diagnostics: [Diagnostic]) {
    let problems = Problems(file)
    let table: TOMLTable
    do throws(TOMLError) { table = try TOMLTable.parse(file.text) } catch {
      problems.add("E0901", "this is not TOML: \(error.message)", error.place.span, "not understood", help: error.help)
      return (nil, problems.diagnostics)
    }
    var reader = ManifestReader(table, problems, directory)
    let manifest = reader.manifest()
    return (problems.hasErrors ? nil : manifest, problems.diagnostics)
  }

  /// `blas` for `lib/blas.functions.toml`.
  static func name(of path: String) -> String {
    let last = path.split(separator: "/").last.map(String.init) ?? path
    let stem = last.split(separator: ".").first.map(String.init) ?? last
    let name = stem.lowercased().unicodeScalars.map { $0.isASCII && UInt8($0.value).isNameByte ? String($0) : "_" }
      .joined()
    return name.first?.isNumber == true ? "_" + name : name
  }
}

struct ManifestReader {
  private let root: Section
  private let problems: Problems
  private let directory: String
  private var types = CTypeParser()
  private var libraries: [FunctionManifest.Library] = []
  private var structures: [FunctionManifest.Structure] = []

  init(_ table: TOMLTable, _ problems: Problems, _ directory: String) {
    self.problems = problems
    self.directory = directory
    root = Section(
      table, Span(0, min(1, problems.file.bytes.count)), "a manifest of functions",
      allowed: ["plugin", "version", "license", "doc", "types", "library", "struct", "function"], problems)
  }

  mutating func manifest() -> FunctionManifest {
    readTypes()
    readLibraries()
    readStructures()
    let id = root.text("plugin") ?? FunctionManifest.name(of: problems.file.path)
    if !id.isDottedName {
      problems.add(
        "E0902", "`\(id)` is no plugin id", root.span("plugin"), "words of a-z, 0-9 and _, joined by dots")
    }
    let version = root.text("version") ?? "1.0.0"
    var functions: [FunctionManifest.Function] = []
    var first: [String: Span] = [:]
    let tables = root.tables("function")
    if tables.isEmpty {
      problems.add(
        "E0902", "the manifest has no functions", root.span, "no [[function]]",
        help: "begin one with [[function]] and name its `symbol`")
    }
    for (table, span) in tables {
      var reader = FunctionReader(
        table, span, problems, types: types, libraries: libraries, structures: structures, plugin: id, version: version)
      guard let function = reader.function() else { continue }
      if first[function.id] != nil {
        problems.add(
          "E0907", "two functions have the id `\(function.id)`", function.span, "the second one",
          help: "give one of them another `id`")
      }
      first[function.id] = function.span
      functions.append(function)
    }
    return FunctionManifest(
      file: problems.file, id: id, version: version, license: root.text("license") ?? "", doc: root.text("doc") ?? "",
      libraries: libraries, structures: structures, functions: functions)
  }

  private mutating func readTypes() {
    guard let (table, _) = root.table("types") else { return }
    for entry in table.entries {
      guard let text = entry.value.string else {
        problems.add(
          "E0902", "`\(entry.key)` must be the C type that it stands for", entry.value.place.span,
          "a string is expected")
        continue
      }
      if let type = parse(text, entry.value.place.span) { types.aliases[entry.key] = type }
    }
  }

  private func parse(_ text: String, _ span: Span) -> CType? {
    do throws(CTypeError) { return try types.parse(text) } catch {
      problems.add("E0903", error.message, span, "not understood", help: error.help)
      return nil
    }
  }

  private mutating func readLibraries() {
    guard let (table, span) = root.table("library") else {
      if !root.has("library") {
        problems.add(
          "E0902", "the manifest names no library", root.span, "no [library.NAME]",
          help: "write [library.m] and below it so = \"libm.so.6\"")
      }
      return
    }
    if table.entries.isEmpty { problems.add("E0902", "the manifest names no library", span) }
    for entry in table.entries {
      guard let inner = entry.value.table else {
        problems.add(
          "E0902", "a library has a table of its own", entry.value.place.span, "write [library.\(entry.key)]")
        continue
      }
      let section = Section(
        inner, entry.value.place.span, "[library.\(entry.key)]",
        allowed: ["so", "header", "include", "convention"], problems)
      guard let so = section.required("so") else { continue }
      if so.isEmpty { problems.add("E0902", "`so` is empty", section.span("so")) }
      libraries.append(
        FunctionManifest.Library(
          name: entry.key, path: so.contains("/") ? absolute(so) : so, headers: section.texts("header").map(\.text),
          includes: section.texts("include").map { absolute($0.text) },
          isFortran: section.word("convention", of: ["c", "fortran"]) == "fortran",
          span: section.has("so") ? section.span("so") : section.span))
    }
  }

  private func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    return directory + "/" + (path.hasPrefix("./") ? String(path.dropFirst(2)) : path)
  }

  private mutating func readStructures() {
    guard let (table, _) = root.table("struct") else { return }
    for entry in table.entries {
      guard let inner = entry.value.table else {
        problems.add("E0902", "a struct has a table of its own", entry.value.place.span, "write [struct.\(entry.key)]")
        continue
      }
      let section = Section(
        inner, entry.value.place.span, "[struct.\(entry.key)]", allowed: ["c", "fields"], problems)
      guard let structure = structure(entry.key, section) else { continue }
      types.structures[entry.key] = structures.count
      structures.append(structure)
    }
  }

  /// Fields are pairs of name and C type; a struct may contain those above it.
  private func structure(_ name: String, _ section: Section) -> FunctionManifest.Structure? {
    guard let items = section.table["fields"]?.array, !items.isEmpty else {
      problems.add(
        "E0902", "\(section.what) needs `fields`", section.span("fields"),
        "write fields = [[\"x\", \"double\"], [\"k\", \"int\"]]")
      return nil
    }
    var structure = FunctionManifest.Structure(
      name: name, cName: section.text("c") ?? "struct \(name)", fields: [], size: 0, alignment: 1, span: section.span)
    for item in items {
      guard let pair = item.array, pair.count == 2, let field = pair[0].string, let text = pair[1].string else {
        problems.add("E0902", "a field is a pair of name and C type", item.place.span, "write [\"x\", \"double\"]")
        return nil
      }
      guard let type = parse(text, pair[1].place.span) else { return nil }
      let layout: (size: Int, alignment: Int)
      switch type.base {
      case .scalar(let scalar) where !type.isPointer: layout = (scalar.size, scalar.size)
      case .structure(let index) where !type.isPointer: layout = (structures[index].size, structures[index].alignment)
      default:
        problems.add(
          "E0903", "a field cannot be `\(text)`", pair[1].place.span, "scalars and structs can",
          help: "write a small C plugin for structs with pointers (docs/plugins-c.md)")
        return nil
      }
      if !field.isPortName || structure.fields.contains(where: { $0.name == field }) {
        problems.add("E0907", "`\(field)` is no name for a field, or is there twice", pair[0].place.span)
      }
      let offset = (structure.size + layout.alignment - 1) / layout.alignment * layout.alignment
      structure.fields.append(.init(name: field, type: type, offset: offset, span: item.place.span))
      structure.size = offset + layout.size
      structure.alignment = max(structure.alignment, layout.alignment)
      if structure.size > 1 << 20 {
        problems.add("E0903", "this struct is larger than a mebibyte", section.span)
        return nil
      }
    }
    structure.size = (structure.size + structure.alignment - 1) / structure.alignment * structure.alignment
    return structure
  }
}

extension String {
  /// `[A-Za-z_][A-Za-z0-9_]*`, joined by dots.
  var isDottedName: Bool {
    !isEmpty && split(separator: ".", omittingEmptySubsequences: false).allSatisfy { String($0).isWord }
  }

  var isWord: Bool { utf8.first.map { !$0.isDecimalDigit } == true && utf8.allSatisfy(\.isNameByte) }

  /// `[a-z_][a-z0-9_]*`, what the interface of plugins asks of ports.
  var isPortName: Bool { isWord && utf8.count <= 200 && !utf8.contains { (0x41...0x5A).contains($0) } }
}
