import Foundation
import Testing
import Values

@testable import assay

private let repository = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
  .standardizedFileURL

/// What commands print against the published schema (docs/assay.output.schema.json), by Python's `jsonschema`.
enum OutputSchema {
  private static let script = """
    import json, sys
    from jsonschema import Draft202012Validator
    schema = json.load(open(sys.argv[1]))
    Draft202012Validator.check_schema(schema)
    for number, line in enumerate(open(sys.argv[2])):
        document = json.loads(line)
        name = "event." + document["type"] if "v" in document else document.get("schema", "none")
        if name not in schema["$defs"]:
            print(f"{name}: not in the schema: {line[:200]}")
            continue
        whole = {"$ref": "#/$defs/" + name.replace("/", "~1"), "$defs": schema["$defs"]}
        for error in Draft202012Validator(whole).iter_errors(document):
            print(f"{name} {error.json_path}: {error.message[:300]}")
    """

  /// What is wrong with them, one line each.
  static func mistakes(_ documents: [JSON]) throws -> String {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).ndjson").path
    try documents.map { $0.compact + "\n" }.joined().write(toFile: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: file) }
    let schema = repository.appending(path: "docs/assay.output.schema.json").path
    let (status, output) = try ToolPython.run([try ToolPython.executable.get(), "-c", script, schema, file])
    #expect(status == 0, "\(output)")
    return output
  }
}

@Test func everyDocumentHasItsSchema() throws {
  let folder = repository.appending(path: "Sources/assay")
  let files =
    FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
  var names: Set<String> = []
  for file in files where file.pathExtension == "swift" {
    let text = try String(contentsOf: file, encoding: .utf8)
    for match in text.matches(of: /"(assay\.[a-z.]+\/\d+)"/) { names.insert(String(match.output.1)) }
  }
  #expect(names.count > 20)
  let schema = try JSON.parse(
    try String(contentsOf: repository.appending(path: "docs/assay.output.schema.json"), encoding: .utf8))
  for name in names { #expect(schema["$defs"]?[name] != nil, "docs/assay.output.schema.json has no \(name)") }
}

@Test func streamsAndReportsKeepToTheSchema() throws {
  let project = try Project([
    "a.assay": """
    assay 1
    use "./tool.so" as tool
    workflow main {
      step f = tool.flaky(x: 1) { retry 2 }
      step many = tool.twice(x: i) foreach i in range(3)
      step boom = tool.boom(x: f.y)
      step never = tool.twice(x: 1) when f.y > 5
      step then = tool.twice(x: boom.y)
      out y: int = then.y
    }
    """
  ])
  var documents: [JSON] = []
  func collect(_ arguments: String...) throws {
    let run = try project.start(arguments).wait()
    let printed = run.out.split(separator: "\n").compactMap { try? JSON.parse(String($0)) }
    documents += printed.isEmpty ? [try run.json()] : printed
  }
  try collect("run", "a.assay", "--progress", "json")
  try collect("run", "a.assay", "--progress=json", "--set", "x=1")
  for name in ["node.reused", "summary", "node.retrying", "node.failed", "node.skipped", "log", "run.started"] {
    if name == "node.reused" { try collect("run", "a.assay", "--progress", "json") }
    #expect(documents.contains { $0["type"]?.asString == name }, "\(name)")
  }
  #expect(documents.contains { $0["schema"] == "assay.error/1" }, "an error in a stream is one line too")
  try collect("runs", "logs", "1", "--json")
  let reports = try [
    ["runs", "show", "1", "--json"], ["runs", "show", "2", "--json"], ["runs", "trace", "1", "--json"],
    ["runs", "list", "--json"], ["plan", "a.assay", "--json"],
  ].map { try project.start($0).wait().json() }
  #expect(try OutputSchema.mistakes(documents + reports) == "")
  #expect(
    try OutputSchema.mistakes([["schema": "assay.runs/1"], ["schema": "assay.no/1"]]).split(separator: "\n").count == 2)
}
