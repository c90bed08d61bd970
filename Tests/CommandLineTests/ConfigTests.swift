import Foundation
import Settings
import Testing
import Values

private let document = "assay 1\nworkflow main {\n  in n: int = 1\n  out n: int = n\n}\n"

@Test func everySettingIsListedWithItsOrigin() throws {
  let project = try Project(["assay.toml": "store = \"kept\"\n[run]\nparallel = 3\n"])
  try FileManager.default.createDirectory(atPath: project.path + "/.config/assay", withIntermediateDirectories: true)
  try project.write(".config/assay/config.toml", "color = \"never\"\nrun.parallel = 2\n")
  let environment = ["ASSAY_RUN_SEED": "7"]
  let text = try project.assay("config", environment: environment).out
  let lines = text.split(separator: "\n").map {
    $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
  }
  #expect(lines.count == SettingName.allCases.count + 1)
  #expect(lines.contains(["run.parallel", "3", "assay.toml:3"]), "\(text)")
  #expect(lines.contains(["run.seed", "7", "ASSAY_RUN_SEED"]))
  #expect(lines.contains(["color", "never", ".config/assay/config.toml:1"]))
  #expect(lines.contains(["run.durability", "full", "default"]))
  let json = try project.assay("config", "--json", environment: environment).json()
  #expect(json["schema"] == "assay.config/1")
  let parallel = json["settings"]?.asArray?.first { $0["name"] == "run.parallel" }
  #expect(parallel?["origin"] == ["kind": "file", "path": "assay.toml", "line": 3, "column": 1])
  #expect(try project.assay("config", "get", "run.parallel").out == "3\n")
  #expect(try project.assay("config", "path", "store").out == project.path + "/kept\n")
  let explained = try project.assay("config", "explain", "run.parallel").out
  #expect(
    explained.contains("assay.toml:3               3\n.config/assay/config.toml:2  2\n") || explained.contains("2\n"))
}

@Test func settingsCountWhereOptionsSayNothing() throws {
  let project = try Project([
    "a.assay": document, "assay.toml": "store = \"kept\"\nprogress = \"none\"\n[run]\nseed = 5\n",
  ])
  let run = try project.assay("run", "a.assay")
  #expect(run.exit == 0, "\(run.err)")
  #expect(run.err == "" || !run.err.contains("started"))
  #expect(FileManager.default.fileExists(atPath: project.path + "/kept/trace.db"))
  #expect(try project.assay("runs", "show").out.contains("\nseed      5\n"))
  try project.assay("run", "a.assay", "--seed", "6")
  #expect(try project.assay("runs", "show").out.contains("\nseed      6\n"))
  #expect(try project.assay("run", "a.assay", "--progress", "json").out.contains("run.started"))
}

@Test func mistakesInSettingsStopACommand() throws {
  let project = try Project(["a.assay": document, "assay.toml": "[run]\nparalel = 3\n"])
  let run = try project.assay("run", "a.assay")
  #expect(run.exit == 3)
  #expect(run.err.contains("error: there is no setting `run.paralel`\n --> assay.toml:2:1\n"), "\(run.err)")
  #expect(run.err.contains("did you mean `parallel`?"))
  #expect(try project.assay("run", "a.assay", "--json").json()["diagnostics"]?.asArray?.count == 1)
  let list = try project.assay("config")
  #expect(list.exit == 3)
  #expect(list.out.contains("run.parallel"))
  let variable = try project.assay("check", "a.assay", environment: ["ASSAY_RUN_PARALLEL": "many"])
  #expect(variable.err.contains("--> environment:1:20"), "\(variable.err)")
}

@Test func settingsAreChangedInPlace() throws {
  let project = try Project(["assay.toml": "# mine\n[run]\nparallel = 2 # two\n"])
  let set = try project.assay("config", "set", "run.parallel", "4")
  #expect(set.exit == 0)
  #expect(set.err.contains("run.parallel = 4 in assay.toml"))
  #expect(project.read("assay.toml") == "# mine\n[run]\nparallel = 4 # two\n")
  try project.assay("config", "set", "plugin.path", "build", "../more")
  #expect(project.read("assay.toml")?.hasSuffix("[plugin]\npath = [\"build\", \"../more\"]\n") == true)
  #expect(try project.assay("config", "get", "plugin.path").out == "build\n../more\n")
  #expect(try project.assay("config", "unset", "run.parallel").exit == 0)
  #expect(project.read("assay.toml")?.contains("parallel") == false)
  #expect(try project.assay("config", "unset", "run.parallel").exit == 4)

  let user = try project.assay("config", "set", "color", "always", "--user")
  #expect(user.exit == 0, "\(user.err)")
  #expect(project.read(".config/assay/config.toml") == "color = \"always\"\n")
  let shadowed = try project.assay("config", "set", "color", "never", "--user", environment: ["ASSAY_COLOR": "always"])
  #expect(shadowed.err.contains("ASSAY_COLOR says always, which counts more"))
}

@Test(
  arguments: [
    (["get", "run.paralel"], 2, "did you mean `run.parallel`?"), (["get", "seed"], 2, "did you mean `run.seed`?"),
    (["set", "run.parallel", "many"], 2, "has to be a whole number from 1 to 4096, not `many`"),
    (["set", "run.durability", "ful"], 2, "did you mean `full`?"), (["set", "run.seed", "1", "2"], 2, "not `1 2`"),
    (["set", "pager", "more"], 2, "a project cannot set `pager`"),
  ] as [([String], Int32, String)])
func wrongSettingsAreRefused(arguments: [String], exit: Int32, says: String) throws {
  let project = try Project()
  let result = try project.start(["config"] + arguments).wait()
  #expect(result.exit == exit)
  #expect(result.err.contains(says), "\(result.err)")
  #expect(project.read("assay.toml") == nil)
}
