import Diagnostics
import Functions
import Imports
import Settings
import Syntax
import TOML
import Values
import Workflows

/// The grammar of types.
@Sendable func fuzzTypes(_ bytes: [UInt8]) throws {
  let text = String(decoding: bytes, as: UTF8.self)
  let type: ValueType
  do throws(TypeSyntaxError) { type = try ValueType.parse(text) } catch {
    let count = text.utf8.count
    try promise(
      0 <= error.offset && 0 <= error.length && error.offset + error.length <= max(1, count + 1),
      "the mistake is said to be at \(error.offset), \(error.length) bytes of \(count)")
    return
  }
  try promise((try? ValueType.parse(type.description)) == type, "\(type) is not read as it is written")
  try promise(type.accepts(type), "\(type) does not accept itself")
  _ = type.check(.null)
  _ = type.coerced(.int(1))
}

/// TOML, as trees and as files of settings.
@Sendable func fuzzTOML(_ bytes: [UInt8]) throws {
  let text = String(decoding: bytes, as: UTF8.self)
  _ = try? TOMLTable.parse(text)
  for isProject in [true, false] {
    var settings = Settings()
    let problems = settings.add(SourceFile(path: "assay.toml", text: text), folder: "/tests", isProject: isProject)
    for problem in problems {
      let span = problem.primary.span
      try promise(span.start <= span.end && span.end <= text.utf8.count, "\(problem.message) at \(span)")
    }
  }
  let name = SettingName.allCases[bytes.count % SettingName.allCases.count]
  guard let value = name.declaration.kind.value(name.declaration.kind.choices.first ?? "1") else { return }
  guard let changed = SettingsEdit.set(name, to: value, in: text) else { return }
  try promise(SettingsEdit.has(name, changed), "`\(name.rawValue)` was set, and is not there")
  _ = SettingsEdit.remove(name, from: changed)
}

/// Manifests of functions.
@Sendable func fuzzFunctions(_ bytes: [UInt8]) throws {
  let file = SourceFile(path: "fuzz.functions.toml", text: String(decoding: bytes, as: UTF8.self))
  let (manifest, diagnostics) = FunctionManifest.read(file, directory: "/tests")
  let hasErrors = diagnostics.contains { $0.severity == .error }
  try promise((manifest == nil) == hasErrors, "a manifest, and errors")
  for diagnostic in diagnostics {
    let span = diagnostic.primary.span
    try promise(
      0 <= span.start && span.start <= span.end && span.end <= file.bytes.count, "\(diagnostic.code) at \(span)")
  }
  _ = TextRenderer().render(diagnostics)
  guard let manifest else { return }
  try promise(manifest.program.utf8.allSatisfy { $0 < 0x80 }, "a program that is not ASCII")
}

/// JSON, and documents in it.
@Sendable func fuzzJSON(_ bytes: [UInt8]) throws {
  let json: JSON
  do throws(JSONSyntaxError) { json = try JSON.parse(bytes) } catch {
    try promise(0 <= error.offset && error.offset <= bytes.count, "the mistake is said to be at \(error.offset)")
    return
  }
  for pretty in [true, false] {
    try promise((try? JSON.parse(json.bytes(pretty: pretty))) == json, "JSON is not read as it is written")
  }
  guard let text = try? DocumentJSON.decode(json) else {
    // Not to be said as text, or no document.
    if let tree = try? DocumentJSON.tree(bytes, path: "fuzz.assay") { _ = check(tree, library: FuzzLibrary()) }
    return
  }
  let tree = Parser.parse(SourceFile(path: "fuzz.assay", text: text))
  try promise(tree.diagnostics.isEmpty, "a document that was accepted is wrong: \(tree.diagnostics.map(\.message))")
  try sameMeaning(json, text)
}

/// `--inputs`: a line with a type, then the JSON of a value.
@Sendable func fuzzInputs(_ bytes: [UInt8]) throws {
  let line = bytes.prefix { $0 != 0x0A }
  guard let type = try? ValueType.parse(String(decoding: line, as: UTF8.self)),
    let json = try? JSON.parse(Array(bytes.dropFirst(line.count + 1))),
    let value = try? Value(json: json, type: type)
  else { return }
  try promise(type.check(value) == nil, "\(type) took \(json.compact) and does not accept it")
  try stored(value)
  try promise((try? JSON.parse(value.json(limit: nil).bytes())) != nil, "its JSON is none")
  _ = value.description
}

/// What is written is read, and written again the same.
func stored(_ value: Value) throws {
  var first = WireEncoder()
  guard (try? first.put(value)) != nil else { return }
  var decoder = WireDecoder(first.bytes)
  let again: Value
  do throws(WireError) {
    again = try decoder.value()
    try decoder.finish()
  } catch {
    throw BrokenPromise("a value that was written cannot be read: \(error)")
  }
  var second = WireEncoder()
  try promise((try? second.put(again)) != nil && second.bytes == first.bytes, "a value changes on the wire")
}
