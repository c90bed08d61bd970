/// Has the C compiler compare the declarations of one library with its headers: makes the file to compile, and reads
/// what the compiler says about it.
package struct HeaderCheck: Sendable {
  package let library: Int
  /// Indices of the functions, in the order of their lines.
  private let functions: [Int]
  private let structures: [Int]
  private let manifest: FunctionManifest

  /// Nil: the library names no header.
  package init?(_ manifest: FunctionManifest, library: Int) {
    guard !manifest.libraries[library].headers.isEmpty else { return nil }
    self.manifest = manifest
    self.library = library
    functions = manifest.functions.indices.filter { manifest.functions[$0].library == library }
    structures = manifest.structures.indices.filter { !manifest.structures[$0].cName.isEmpty }
  }

  package var includes: [String] { manifest.libraries[library].includes }

  /// The file, of which every function has two lines from 1000 on, and every struct a line from 500000 on.
  package var source: String {
    var text = "#include <stddef.h>\n#include <stdint.h>\n#include <stdbool.h>\n#include <sys/types.h>\n"
    for header in manifest.libraries[library].headers {
      text += header.hasPrefix("/") || header.contains("\"") || header.contains("\n") ? "" : "#include <\(header)>\n"
      if header.hasPrefix("/") { text += "#include \"\(header)\"\n" }
    }
    text += "struct assay_opaque;\n#line 1000 \"assay\"\n"
    for index in functions {
      let function = manifest.functions[index]
      text +=
        "_Static_assert(__builtin_types_compatible_p(__typeof__(&\(function.symbol)), \(declaration(function))), \"differs\");\n"
      text += "static struct assay_opaque *assay_show_\(index) = &\(function.symbol);\n"
    }
    text += "#line 500000 \"assay\"\n"
    for index in structures { text += layout(manifest.structures[index]) + "\n" }
    return text
  }

  private func declaration(_ function: FunctionManifest.Function) -> String {
    var list = function.parameters.map { cText(manifest.passed($0, function.isFortran)) }
    if let fixed = function.fixedParameters { list = list.prefix(fixed) + ["..."] }
    return "\(function.resultType.map(cText) ?? "void") (*)(\(list.isEmpty ? "void" : list.joined(separator: ", ")))"
  }

  /// The manifest's own words are replaced by C's.
  private func cText(_ type: CType) -> String {
    if case .structure(let index) = type.base {
      return (type.isConst ? "const " : "") + manifest.structures[index].cName + (type.isPointer ? " *" : "")
    }
    let short: Set = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]
    return type.text.split(separator: " ").map { word in
      let bare = word.filter { $0 != "*" }
      let stars = String(repeating: "*", count: word.count - bare.count)
      if short.contains(bare) { return bare + "_t" + stars }
      return bare == "logical" ? "int" + stars : String(word)
    }.joined(separator: " ")
  }

  private func layout(_ structure: FunctionManifest.Structure) -> String {
    let fields = structure.fields.map { field in
      "_Static_assert(__builtin_offsetof(\(structure.cName), \(field.name)) == \(field.offset) && "
        + "sizeof(((\(structure.cName) *)0)->\(field.name)) == \(size(field.type)), \"field \(field.name)\");"
    }
    return "_Static_assert(sizeof(\(structure.cName)) == \(structure.size), \"size\");" + fields.joined()
  }

  private func size(_ type: CType) -> Int {
    if case .structure(let index) = type.base { return manifest.structures[index].size }
    return type.scalar?.size ?? 0
  }

  // MARK: what the compiler says

  package enum Verdict: Sendable, Hashable { case same, different, undeclared, failed }

  /// What was found out about a function, with the differences as diagnostics.
  package func judge(_ lines: [String]) -> (verdicts: [Int: Verdict], findings: [Finding]) {
    var messages: [Int: [String]] = [:]
    var other: [String] = []
    for line in lines {
      let parts = line.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
      if parts.count == 4, parts[0] == "assay", let number = Int(parts[1]) {
        messages[number, default: []].append(parts[3].trimmed)
      } else if line.contains("error:") {
        other.append(line)
      }
    }
    var verdicts: [Int: Verdict] = [:]
    var findings: [Finding] = []
    if let first = other.first {
      findings.append(Finding(.broken(library), "the header cannot be read: \(first.afterError)"))
    }
    for (position, index) in functions.enumerated() {
      if !other.isEmpty && messages[1001 + 2 * position] == nil {
        verdicts[index] = .failed
        continue
      }
      verdicts[index] = verdict(
        index, messages[1000 + 2 * position] ?? [], messages[1001 + 2 * position] ?? [], &findings)
    }
    for (position, index) in structures.enumerated() where other.isEmpty {
      judge(index, messages[500_000 + position] ?? [], &findings)
    }
    return (verdicts, findings)
  }

  private func verdict(
    _ index: Int, _ asserted: [String], _ shown: [String], _ findings: inout [Finding]
  ) -> Verdict {
    let function = manifest.functions[index]
    if (asserted + shown).contains(where: { $0.contains("undeclared") }) { return .undeclared }
    if asserted.isEmpty { return .same }
    let real = shown.compactMap(Self.signature).first
    if let unknown = asserted.first(where: { $0.contains("unknown type name") }) {
      findings.append(
        Finding(.function(index), "the header does not know a type of this declaration: \(unknown.afterError)"))
      return .different
    }
    guard let real, let signature = SignatureText.parse(real) else {
      findings.append(
        Finding(
          .function(index), "`\(function.symbol)` differs from the header", declared: declaration(function),
          real: real ?? shown.first ?? ""))
      return .different
    }
    let differences = manifest.differences(function, signature)
    for difference in differences { findings.append(Finding(index, function, difference, "the header")) }
    return differences.isEmpty ? .same : .different
  }

  /// The last type in quotation marks, with all names of other types resolved.
  private static func signature(_ message: String) -> String? {
    message.split(separator: "'").map(String.init).last { $0.contains("(*)(") }
  }

  private func judge(_ index: Int, _ messages: [String], _ findings: inout [Finding]) {
    let structure = manifest.structures[index]
    for message in messages {
      if message.contains("incomplete") || message.contains("undefined type") || message.contains("undeclared")
        || message.contains("unknown type")
      {
        return
      }
      if let field = structure.fields.first(where: {
        message.contains("field \($0.name)\"") || message.contains("field \($0.name)")
      }) {
        findings.append(
          Finding(
            .field(index, field.name),
            "field `\(field.name)` of `\(structure.cName)` lies elsewhere, or has another size",
            declared: "\(field.type.text) at byte \(field.offset)", real: "see the header"))
      } else if message.contains("\"size\"") || message.hasSuffix(": size") {
        findings.append(
          Finding(
            .structure(index), "`\(structure.cName)` has another size in the header",
            declared: "\(structure.size) bytes",
            real: "see the header"))
      }
    }
  }
}

extension String {
  fileprivate var afterError: String {
    firstRange(of: "error: ").map { String(self[$0.upperBound...]) } ?? self
  }
}
