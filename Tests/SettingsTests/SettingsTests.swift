import Diagnostics
import Testing

@testable import Settings

private func read(_ text: String, isProject: Bool = true) -> (settings: Settings, said: [String]) {
  var settings = Settings()
  let problems = settings.add(SourceFile(path: "assay.toml", text: text), folder: "/p", isProject: isProject)
  return (settings, problems.map(said))
}

/// `line:column message; help`.
private func said(_ diagnostic: Diagnostic) -> String {
  let place = diagnostic.primary.file.position(at: diagnostic.primary.span.start)
  return "\(place.line):\(place.column) \(diagnostic.message)" + (diagnostic.help.map { "; \($0)" } ?? "")
}

@Test func allFormsOfTOMLAreRead() {
  let text = """
    store = "../store"
    python = { installer = "pip" }
    plugin.path = ["a", "b"]
    [run]
    parallel = 4
    memory = "8GiB"
    reuse = false
    grace = "1m"
    """
  let (settings, said) = read(text)
  #expect(said == [])
  #expect(settings.text(.store) == "../store")
  #expect(settings.given(.store)?.folder == "/p")
  #expect(settings.texts(.pluginPath) == ["a", "b"])
  #expect(settings.text(.pythonInstaller) == "pip")
  #expect(settings.integer(.parallel) == 4)
  #expect(settings.size(.memory) == 8 << 30)
  #expect(!settings.flag(.reuse))
  #expect(settings.duration(.grace) == .seconds(60))
  #expect(settings.origin(.parallel) == .file(path: "assay.toml", line: 5, column: 1))
  #expect(settings.origin(.seed) == .usual)
}

@Test(arguments: [
  ("[run]\nparalel = 4", "2:1 there is no setting `run.paralel`; did you mean `parallel`?"),
  ("[rnu]\nparallel = 4", "1:2 there is no setting `rnu`; did you mean `[run]`?"),
  ("[run]\nrun.seed = 4", "2:1 there is no setting `run.run`; within [run] leave out `run.`"),
  ("parallel = 4", "1:1 there is no setting `parallel`; did you mean `parallel` in [run]?"),
  ("qqqq = 4", "1:1 there is no setting `qqqq`; `assay config` lists all"),
  ("run = 4", "1:1 there is no setting `run`; `assay config` lists all"),
  ("[run]\n  parallel = 0", "2:14 `run.parallel` has to be a whole number from 1 to 4096"),
  ("[run]\nparallel = \"4\"", "2:12 `run.parallel` has to be a whole number from 1 to 4096"),
  ("run.durability = \"ful\"", "1:18 `run.durability` has to be normal, full or strict; did you mean \"full\"?"),
  ("run.grace = \"5 minutes\"", "1:13 `run.grace` has to be a duration such as 10s"),
  ("plugin.path = [1]", "1:15 `plugin.path` has to be a list of paths"),
  ("store = \"\"", "1:9 `store` has to be a path"),
  (
    "pager = \"rm\"",
    "1:1 a project cannot set `pager`: it names a program that runs on its own; `assay config set pager … --user`"
  ),
])
func mistakesAreSaidWithTheirPlace(text: String, expected: String) {
  let (settings, said) = read(text)
  #expect(said == [expected])
  for name in SettingName.allCases { #expect(settings.given(name) == nil) }
}

@Test func textThatIsNoTOMLIsOneMistake() {
  #expect(read("run.parallel = 4\nstore = ").said.first?.hasPrefix("2:9 ") == true)
}

@Test func aMistakeLeavesTheRest() {
  let (settings, said) = read("colr = \"never\"\n[run]\nseed = 7\n")
  #expect(said.count == 1)
  #expect(settings.integer(.seed) == 7)
}

@Test func laterLayersCountMore() {
  var settings = Settings()
  _ = settings.add(
    SourceFile(path: "user", text: "run.parallel = 2\nrun.seed = 1\npager = \"more\""), folder: "/u", isProject: false)
  _ = settings.add(SourceFile(path: "project", text: "run.parallel = 3\nrun.seed = 2"), folder: "/p", isProject: true)
  #expect(settings.add(environment: ["ASSAY_RUN_PARALLEL": "4", "ASSAY_RUN_GPUS": ""]).isEmpty)
  #expect(settings.integer(.parallel) == 4)
  #expect(settings.integer(.seed) == 2)
  #expect(settings.integer(.gpus) == 0, "an empty variable is none")
  #expect(settings.text(.pager) == "more")
  #expect(settings.layers(.parallel).map(\.origin.words) == ["user:1", "project:1", "ASSAY_RUN_PARALLEL"])
}

@Test(arguments: [
  (["NO_COLOR": "1"], "never"), (["CLICOLOR_FORCE": "1"], "always"), (["CLICOLOR_FORCE": "0"], "auto"),
  (["NO_COLOR": "1", "CLICOLOR_FORCE": "1"], "never"), (["NO_COLOR": "1", "ASSAY_COLOR": "always"], "always"),
  ([:], "auto"),
])
func colourFollowsTheUsualVariables(environment: [String: String], expected: String) {
  var settings = Settings()
  #expect(settings.add(environment: environment).isEmpty)
  #expect(settings.text(.color) == expected)
}

@Test func variables() {
  var settings = Settings()
  let problems = settings.add(environment: [
    "ASSAY_PLUGIN_PATH": "a:b", "ASSAY_PYTHON": "python3.12", "PAGER": "", "ASSAY_PROGRESS": "plian",
    "ASSAY_RUN_REUSE": "off",
  ])
  #expect(
    problems.map(said) == ["1:16 `ASSAY_PROGRESS` has to be auto, live, plain, json or none; did you mean `plain`?"])
  #expect(settings.texts(.pluginPath) == ["a", "b"])
  #expect(settings.origin(.pythonInterpreter).words == "ASSAY_PYTHON")
  #expect(settings.text(.pager)?.isEmpty == true)
  #expect(!settings.flag(.reuse))
  #expect(settings.text(.progress) == "auto")
}

@Test(arguments: SettingName.allCases)
func theTableIsComplete(name: SettingName) {
  let declaration = name.declaration
  #expect(!declaration.meaning.isEmpty)
  #expect(!declaration.usualWords.isEmpty || declaration.usual == .texts([]))
  #expect(declaration.variables.first?.name.hasPrefix("ASSAY_") == true)
  // The default is a value that the file could say.
  if let usual = declaration.usual {
    #expect(read("\(name.rawValue) = \(usual.literal)", isProject: false).settings.given(name)?.value == usual)
  }
}
