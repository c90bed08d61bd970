import Foundation
import Testing
import Values

private func findings(_ result: Project.Result) throws -> [String: JSON] {
  let all = try result.json()["findings"]?.asArray ?? []
  return Dictionary(all.map { ($0["id"]?.asString ?? "", $0) }) { first, _ in first }
}

@Test func aHealthyProjectHasNoProblems() throws {
  let project = try Project()
  let result = try project.assay("doctor", "--json")
  #expect(result.exit == 0, "\(result.out)")
  #expect(try result.json()["schema"] == "assay.doctor/1")
  let all = try findings(result)
  for id in [
    "settings", "sqlite", "store", "store.disk", "cache", "worker", "plugins", "python", "python-bridge", "cc",
  ] {
    #expect(all[id] != nil, "\(id)")
  }
  for id in ["worker", "headers", "swift-kit", "templates", "python-bridge", "plugins"] {
    #expect(all[id]?["status"] == "ok", "\(all[id] as Any)")
  }
  #expect(!FileManager.default.fileExists(atPath: project.path + "/.assay"), "it leaves nothing behind")
  let text = try project.assay("doctor", environment: ["LANG": "C"])
  #expect(text.out.contains("\n+ worker"))
  #expect(text.out.contains("! terminal"))
  #expect(text.out.contains("  fix: export LANG=C.UTF-8\n"))
  #expect(text.err.contains(" 0 problems"))
}

@Test func whatIsMissingIsNamedWithItsFix() throws {
  let project = try Project()
  try FileManager.default.createDirectory(atPath: project.path + "/bin", withIntermediateDirectories: true)
  try project.write("bin/apt", "#!/bin/sh\n")
  try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: project.path + "/bin/apt")
  let result = try project.assay("doctor", "--json", environment: ["PATH": project.path + "/bin"])
  #expect(result.exit == 0, "nothing of this keeps workflows from running: \(result.out)")
  let all = try findings(result)
  for (id, fix) in [("cc", "apt install gcc"), ("make", "apt install make"), ("swift", "swift.org"), ("git", "git")] {
    #expect(all[id]?["status"] == "warning", "\(id)")
    #expect(all[id]?["fix"]?.asString?.contains(fix) == true, "\(all[id] as Any)")
  }
}

@Test func problemsEndWithOne() throws {
  let project = try Project(["assay.toml": "[run]\nparalel = 1\n"])
  try FileManager.default.createDirectory(atPath: project.path + "/.assay", withIntermediateDirectories: true)
  try project.write(".assay/trace.db", "this is no database, but long enough to look like one")
  try project.write("file", "")
  let result = try project.assay(
    "doctor", "--json",
    environment: [
      "ASSAY_PLUGIN_PATH": "nowhere", "ASSAY_CACHE": project.path + "/file/cache", "ASSAY_PYTHON": "/no/python",
    ])
  #expect(result.exit == 1)
  let all = try findings(result)
  #expect(all["settings"]?["detail"] == "assay.toml:2:1: there is no setting `run.paralel`")
  #expect(all["settings"]?["fix"] == "correct line 2 of assay.toml")
  for id in ["settings", "store.trace", "cache"] {
    #expect(all[id]?["status"] == "problem", "\(id): \(all[id] as Any)")
  }
  #expect(all["plugin.path"]?["detail"]?.asString?.contains("ASSAY_PLUGIN_PATH") == true)
  #expect(all["python"]?["detail"]?.asString?.contains("/no/python") == true)
  let quiet = try project.assay("doctor", "--quiet")
  #expect(quiet.exit == 1)
  #expect(!quiet.out.contains("worker"))
}

@Test func aBrokenWorkerIsNoticed() throws {
  let project = try Project()
  try FileManager.default.createDirectory(atPath: project.path + "/parts", withIntermediateDirectories: true)
  try project.write("parts/assay-worker", "#!/bin/sh\necho assay-worker 0.0.0\n")
  try FileManager.default.setAttributes(
    [.posixPermissions: 0o755], ofItemAtPath: project.path + "/parts/assay-worker")
  let result = try project.assay("doctor", "--json", environment: ["ASSAY_LIBEXEC": project.path + "/parts"])
  #expect(result.exit == 1)
  let worker = try findings(result)["worker"]
  #expect(worker?["detail"]?.asString?.contains("is `assay-worker 0.0.0`, not of version") == true, "\(worker as Any)")
}
