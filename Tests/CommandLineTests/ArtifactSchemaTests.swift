import Foundation
import Testing
import Values

private let document = """
  assay 1
  use std.table as table
  workflow main {
    in data: file<csv>
    in numbers: list<float>
    step rows = table.read_csv(path: data)
    step tensor = table.tensor(values: numbers)
    out rows: table = rows.table
    out tensor: tensor<f64> = tensor.tensor
    out size: int = size(rows.table)
  }
  """

/// Commands about artifacts, each in all the shapes that its document has, against the published schema, which allows
/// nothing else.
@Test func artifactDocumentsAreExactlyAsPublished() throws {
  let project = try Project([
    "w.assay": document, "1.csv": "a,b\n1,x\n2,y\n", "2.csv": "a,c\n1,x\n3,y\n4,z\n", "3.csv": "a,b\n1,x\n2,z\n",
    "1.json": #"{"a": 1, "b": [1]}"#, "2.json": #"{"a": 2, "c": null}"#,
  ])
  try Data([0, 1, 2, 255]).write(to: URL(filePath: project.path + "/1.bin"))
  try Data([0, 1, 3, 255, 4]).write(to: URL(filePath: project.path + "/2.bin"))
  for (folder, text) in [("d1", "one"), ("d2", "two")] {
    try FileManager.default.createDirectory(atPath: "\(project.path)/\(folder)", withIntermediateDirectories: true)
    try project.write("\(folder)/f.txt", text)
  }
  try project.write("d2/g.txt", "new")
  for number in 1...3 {
    let numbers = number == 2 ? "[1.5, 3.0, 2.0]" : number == 1 ? "[1.5, 2.0]" : "[1.5, 1e308]"
    let run = try project.assay(
      "run", "w.assay", "--set", "data=\(number).csv", "--set", "numbers=\(numbers)", "--progress", "none")
    #expect(run.exit == 0, "\(run.err)")
  }
  for file in ["1.csv", "2.csv", "1.json", "2.json", "1.bin", "2.bin", "d1", "d2"] {
    try project.assay("artifact", "put", file, "x/\(file.replacing(".", with: "-"))")
  }

  var documents: [JSON] = []
  func collect(_ arguments: String..., exit: Int32 = 0) throws {
    let run = try project.start(arguments + ["--json"]).wait()
    #expect(run.exit == exit, "\(arguments): \(run.exit) \(run.err)")
    documents.append(try run.json())
  }
  for (a, b) in [
    ("x/1-csv", "x/2-csv"), ("x/1-json", "x/2-json"), ("x/1-bin", "x/2-bin"), ("x/d1", "x/d2"), ("x/d1", "x/1-csv"),
    ("1:rows", "2:rows"), ("1:rows", "3:rows"), ("1:tensor", "2:tensor"), ("1:tensor", "3:tensor"),
    ("1:size", "2:size"), ("1:rows", "1:tensor"),
  ] { try collect("artifact", "diff", a, b, exit: 1) }
  try collect("artifact", "diff", "x/1-csv", "x/1-csv")
  let kinds = Set(documents.compactMap { $0["kind"]?.asString })
  #expect(kinds == ["text", "json", "bytes", "directory", "kinds", "table", "tensor"])

  try collect("artifact", "lineage", "1:rows")
  try collect("artifact", "lineage", "x/1-csv", "--direction", "down")
  try collect("artifact", "export", "-o", "all.tar")
  let other = try Project()
  try FileManager.default.moveItem(atPath: project.path + "/all.tar", toPath: other.path + "/all.tar")
  documents += try (0..<2).map { _ in try other.assay("artifact", "import", "all.tar", "--json").json() }
  documents.append(try other.assay("artifact", "lineage", "x/1-csv", "--json").json())
  try collect("artifact", "gc", "--dry-run", "--keep-runs", "1")
  try collect("artifact", "gc", "--keep-runs", "1")
  try collect("artifact", "verify")
  let path = try #require(try project.assay("artifact", "show", "x/1-bin", "--json").json()["path"]?.asString)
  try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
  try "other".write(toFile: path, atomically: false, encoding: .utf8)
  try collect("artifact", "verify", exit: 8)
  for call in ["rows", "tensor"] { try collect("why", "last", call) }
  #expect(try OutputSchema.mistakes(documents) == "")
}

/// The schema can say no: each document with a member more, and with each of its members taken away.
@Test func theSchemaOfArtifactsRefusesWhatIsNotPublished() throws {
  let digest = JSON.string("sha256:" + String(repeating: "0", count: 64))
  let version: JSON = [
    "name": "a", "version": 1, "digest": digest, "size": 1, "type": "file", "origin": "put by ada",
  ]
  func with(_ json: JSON, _ members: [JSON.Member]) -> JSON { .object((json.asObject ?? []) + members) }
  let sound: [JSON] = [
    ["schema": "assay.artifact.lineage/1", "root": 0, "nodes": [], "edges": [], "complete": true],
    [
      "schema": "assay.artifact.gc/1", "dry_run": true, "removed": 0, "removed_bytes": 0, "kept_runs": 0, "runs": 0,
      "objects": [["digest": digest, "size": 1, "removed": false, "reason": "pinned"]],
    ],
    [
      "schema": "assay.artifact.verify/1", "artifacts": 0, "size": 0, "sound": true, "damaged": [], "names": [],
      "databases": [],
    ],
    ["schema": "assay.artifact.export/1", "path": "a", "artifacts": 1, "size": 1, "versions": [version]],
    [
      "schema": "assay.artifact.import/1", "path": "a", "artifacts": 1, "size": 1,
      "versions": [with(version, [.init("new", true)])], "left_tags": [], "stages": [],
    ],
    [
      "schema": "assay.artifact.diff/1", "before": ["name": "a", "type": "file", "size": 1],
      "after": ["name": "a", "type": "file", "size": 1], "same": false, "kind": "text", "diff": "",
    ],
    ["schema": "assay.functions/1", "ok": true, "functions": [], "diagnostics": [], "more": 0],
  ]
  #expect(try OutputSchema.mistakes(sound) == "")
  for json in sound {
    let members = json.asObject ?? []
    let broken = members.indices.dropFirst().map { index in
      var members = members
      members.remove(at: index)
      return JSON.object(members)
    }
    let wrong = broken + [with(json, [.init("more_of_it", 1)])]
    let mistakes = try OutputSchema.mistakes(wrong).split(separator: "\n").count
    #expect(mistakes >= wrong.count, "\(json["schema"] as Any): \(mistakes) of \(wrong.count)")
  }
}
