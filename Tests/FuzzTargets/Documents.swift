import Diagnostics
import Editing
import Imports
import Plans
import Syntax
import Values
import Workflows

/// The `.assay` language: lexer, parser, formatter, checker, fixes, JSON form, planner.
@Sendable func fuzzDocument(_ bytes: [UInt8]) throws {
  let text = String(decoding: bytes, as: UTF8.self)
  let file = SourceFile(path: "fuzz.assay", text: text)
  let tree = Parser.parse(file)
  try promise(printed(tree.tokens, of: file.bytes) == file.bytes, "the parser lost bytes")
  try formatted(tree)
  try asJSON(tree)

  let checked = check(file, library: FuzzLibrary())
  try promise((checked.program == nil) == checked.hasErrors, "a program, and errors")
  for diagnostic in checked.diagnostics { try judge(diagnostic) }
  let few = Array(checked.diagnostics.prefix(8))
  _ = TextRenderer().render(few)
  _ = JSONRenderer.render(few)
  _ = checked.fixed(file)
  if let program = checked.program { try planned(program) }
}

private func judge(_ diagnostic: Diagnostic) throws {
  for label in [diagnostic.primary] + diagnostic.secondary {
    let span = label.span
    try promise(
      0 <= span.start && span.start <= span.end && span.end <= label.file.bytes.count,
      "\(diagnostic.code) points at \(span) of \(label.file.bytes.count) bytes")
  }
  try promise(
    Explanations.explanation(for: diagnostic.code) != nil, "\(diagnostic.code) has no explanation")
}

/// The document, put together again from its tokens and the gaps between them.
private func printed(_ tokens: [Token], of bytes: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  var end = 0
  for token in tokens {
    guard token.start >= end, token.end >= token.start, token.end <= bytes.count else { return [] }
    result += bytes[end..<token.start]
    result += bytes[token.start..<token.end]
    end = token.end
  }
  return result + bytes[end...]
}

/// What is formatted once is formatted, and means what it meant.
private func formatted(_ tree: SyntaxTree) throws {
  guard let once = applying(Formatter.format(tree), to: tree.file.bytes) else {
    throw BrokenPromise("the edits of the formatter overlap")
  }
  guard tree.diagnostics.isEmpty else { return }
  let again = Parser.parse(SourceFile(path: "fuzz.assay", text: String(decoding: once, as: UTF8.self)))
  try promise(again.diagnostics.isEmpty, "formatted, it is wrong: \(again.diagnostics.map(\.message))")
  let twice = applying(Formatter.format(again), to: once)
  try promise(twice == once, "formatted twice it is not what it is formatted once")
  let (words, same) = (tree.tokens, again.tokens)
  try promise(
    words.count == same.count
      && zip(words, same).allSatisfy { tree.file.bytes[$0.start..<$0.end] == once[$1.start..<$1.end] },
    "the formatter changed a token")
}

private func applying(_ edits: [TextEdit], to bytes: [UInt8]) -> [UInt8]? {
  var out: [UInt8] = []
  var end = 0
  for edit in edits.sorted(by: { ($0.span.start, $0.span.end) < ($1.span.start, $1.span.end) }) {
    guard edit.span.start >= end, edit.span.end >= edit.span.start, edit.span.end <= bytes.count else { return nil }
    out += bytes[end..<edit.span.start]
    out += edit.text.utf8
    end = edit.span.end
  }
  return out + bytes[end...]
}

/// There and back is the same document.
private func asJSON(_ tree: SyntaxTree) throws {
  guard let json = try? DocumentJSON.encode(tree) else { return }
  let text: String
  do throws(ImportProblem) { text = try DocumentJSON.decode(json) } catch {
    throw BrokenPromise("its own JSON form is refused: \(error)")
  }
  let again = try? DocumentJSON.encode(Parser.parse(SourceFile(path: "fuzz.assay", text: text)))
  try promise(again == json, "its JSON form changes on the way there and back")
  try sameMeaning(json, text)
}

/// A document means the same in both forms, and the same is wrong with it.
func sameMeaning(_ json: JSON, _ text: String) throws {
  for bytes in [json.bytes(), json.bytes(pretty: true)] {
    let tree: SyntaxTree
    do throws(ImportProblem) { tree = try DocumentJSON.tree(bytes, path: "fuzz.assay") } catch {
      throw BrokenPromise("it can be said as text, and is refused as JSON: \(error)")
    }
    let read = check(tree, library: FuzzLibrary())
    let parsed = check(SourceFile(path: "fuzz.assay", text: text), library: FuzzLibrary())
    for diagnostic in read.diagnostics { try judge(diagnostic) }
    _ = TextRenderer().render(Array(read.diagnostics.prefix(8)))
    let (a, b) = (said(read), said(parsed))
    try promise(a == b, "as JSON \(a.filter { !b.contains($0) }), as text \(b.filter { !a.contains($0) })")
    try promise(plans(read) == plans(parsed), "JSON and text plan something else")
  }
}

/// In no order: members may stand elsewhere than words. Without parentheses, which JSON has none of.
private func said(_ checked: Checked) -> [String] {
  checked.diagnostics.map { "\($0.code) \($0.message) \($0.help ?? "")".filter { $0 != "(" && $0 != ")" } }.sorted()
}

private func plans(_ checked: Checked) -> [String] {
  guard let program = checked.program else { return [] }
  return program.workflows.indices.map { index in
    guard let plan = try? Plan(program, workflow: index) else { return "none" }
    let steps = plan.bodies.flatMap(\.steps).map { step in
      "\(step.path) \(step.call) \(step.arguments) \(String(describing: step.foreach)) "
        + "\(String(describing: step.condition)) \(step.options) \(step.phase) \(step.isolation) \(step.dependencies)"
    }
    return
      "\(plan.inputs.map(\.name)) \(steps) \(plan.bodies.map(\.outputs)) \(plan.outputs.map { "\($0.name): \($0.type)" })"
  }
}

private func planned(_ program: Program) throws {
  for workflow in program.workflows.indices {
    guard let plan = try? Plan(program, workflow: workflow) else { continue }
    for (body, step) in plan.taskSteps {
      try promise(plan.bodies.indices.contains(body), "a step in no body")
      try promise(plan.bodies[body].steps.indices.contains(step), "a step that is none")
    }
    _ = try? plan.bind([:])
  }
}

/// What an editor asks about a text and a place in it: the first two bytes say where.
@Sendable func fuzzEditor(_ bytes: [UInt8]) throws {
  guard bytes.count > 2 else { return }
  let text = String(decoding: bytes[2...], as: UTF8.self)
  let file = SourceFile(path: "fuzz.assay", text: text)
  var place = (Int(bytes[0]) | Int(bytes[1]) << 8) % (file.bytes.count + 1)
  while place < file.bytes.count, file.bytes[place] & 0xC0 == 0x80 { place -= 1 }  // never inside a character
  let analysis = Analysis.of(file, library: FuzzLibrary())
  let whole = Span(0, file.bytes.count)
  func inside(_ span: Span, _ what: String) throws {
    try promise(0 <= span.start && span.start <= span.end && span.end <= file.bytes.count, "\(what): \(span)")
  }
  let surroundings = Surroundings(plugins: { ["std.table", "std.learn"] }, files: { _ in ["prepare.assay"] })
  for item in analysis.completions(at: place, surroundings, snippets: true) { try inside(item.replaced, "completion") }
  if let (_, span) = analysis.hover(at: place) { try inside(span, "hover") }
  _ = analysis.definitions(at: place) { _ in nil }
  for (span, _) in analysis.highlights(at: place) { try inside(span, "occurrence") }
  for highlight in analysis.highlights(in: whole) { try inside(highlight.span, "colour") }
  for (offset, _) in analysis.hints(in: whole) { try inside(Span(offset, offset), "hint") }
  _ = analysis.callHelp(at: place)
  _ = analysis.fixes(in: whole)
  _ = Outline.of(analysis.tree)
  if let (span, symbols) = try? analysis.renamed(at: place) {
    try inside(span, "rename")
    try? analysis.checkFree("other", for: symbols)
  }
  let buffer = TextBuffer(text)
  for encoding in [PositionEncoding.utf8, .utf16] {
    let position = buffer.position(place, encoding)
    try promise(buffer.offset(position, encoding) <= place, "a position behind its place")
  }
}
