import Foundation
import Testing
import Values
import Workspace

/// How the task of a template is built. Swift: as `make` would, but against the kit that is built already; with
/// `ASSAY_SLOW_TESTS` as `make` does, which builds the kit anew.
private func build(_ template: Template) -> String {
  guard template == .swift, ProcessInfo.processInfo.environment["ASSAY_SLOW_TESTS"] == nil else {
    return template == .swift || template == .c ? "make" : "true"
  }
  return """
    mkdir -p .build/debug && swiftc -emit-library -module-name series -o .build/debug/libseries.so \
    -I '\(products)/Modules' -I '\(root)/sdk/c/include' \
    -Xcc -fmodule-map-file='\(products)/CAssayLayouts.build/module.modulemap' \
    Sources/series/Series.swift '\(products)/libAssayKit.a'
    """
}

@Test(arguments: Template.allCases)
func aNewProjectBuildsRunsAndPassesItsTest(template: Template) throws {
  let home = try Project()
  let made = try home.assay("init", "churn", "--template", template.rawValue)
  #expect(made.exit == 0, "\(made.err)")
  #expect(made.err.contains("next:\n  cd churn\n"))
  let folder = home.path + "/churn"
  for name in ["README.md", "main.assay", "assay.toml", ".gitignore", "tests/run", "tests/expected.txt"] {
    #expect(FileManager.default.fileExists(atPath: folder + "/" + name), "\(name)")
  }
  #expect(home.read("churn/README.md")?.hasPrefix("# churn\n") == true)
  let built = try shell(build(template), in: home, "churn")
  #expect(built.exit == 0, "\(built.text)")
  let tested = try shell("tests/run", in: home, "churn")
  #expect(tested.exit == 0, "\(tested.text)")
  #expect(tested.text.hasSuffix("passed\n"), "\(tested.text)")
  // The test can fail.
  try home.write("churn/tests/expected.txt", "something = else\n")
  #expect(try shell("tests/run", in: home, "churn").exit != 0)
  let checked = try shell("assay fmt --check main.assay && assay check main.assay", in: home, "churn")
  #expect(checked.exit == 0, "\(checked.text)")
}

@Test func aProjectIsFoundFromItsFolders() throws {
  let home = try Project()
  try home.assay("init", "churn", "--template", "workflow")
  let deep = home.path + "/churn/notes/deep"
  try FileManager.default.createDirectory(atPath: deep + "/.assay", withIntermediateDirectories: true)
  let place = try shell("assay config path project", in: home, "churn/notes/deep").text
  #expect(place.hasSuffix("/churn\n"), "an assay.toml counts more than a store that is nearer: \(place)")
}

@Test func nothingIsEverOverwritten() throws {
  let home = try Project(["main.assay": "mine"])
  let refused = try home.assay("init", ".", "--template", "c")
  #expect(refused.exit == 1)
  #expect(refused.err.contains("main.assay exists already: nothing was written"))
  #expect(home.read("main.assay") == "mine")
  #expect(home.read("Makefile") == nil)

  // What a fresh repository has is left as it is.
  try FileManager.default.createDirectory(atPath: home.path + "/fresh", withIntermediateDirectories: true)
  try home.write("fresh/README.md", "mine")
  let made = try home.assay("init", "fresh", "--json")
  #expect(try made.json()["kept"] == ["README.md"])
  #expect(try made.json()["template"] == "python")
  #expect(home.read("fresh/README.md") == "mine")
  #expect(home.read("fresh/main.assay") != nil)
}

@Test func templatesAreListed() throws {
  let home = try Project()
  let list = try home.assay("init", "--list", "--json")
  #expect(
    try list.json()["templates"]?.asArray?.compactMap { $0["name"]?.asString } == Template.allCases.map(\.rawValue))
  #expect(try home.assay("init", "--list").out.contains("\nworkflow  "))
  let wrong = try home.assay("init", "x", "--template", "cobol")
  #expect(wrong.exit == 2)
  #expect(wrong.err.contains("'cobol'"))
}

@Test func placesAreShownByName() throws {
  let project = try Project()
  #expect(try project.assay("config", "path", "headers").out == root + "/sdk/c/include\n")
  #expect(try project.assay("config", "path", "--json").json()["paths"]?["cache"]?.asString == project.path + "/cache")
  let wrong = try project.assay("config", "path", "heders")
  #expect(wrong.exit == 2)
  #expect(wrong.err.contains("did you mean `headers`?"))
}

@Test func onlyStandardPluginsStandBesideTheEngine() throws {
  let project = try Project()
  let plugins = try project.assay("plugin", "list", "--json").json()["plugins"]?.asArray ?? []
  #expect(!plugins.isEmpty)
  for plugin in plugins { #expect(plugin["id"]?.asString?.hasPrefix("std.") == true, "\(plugin)") }
}
