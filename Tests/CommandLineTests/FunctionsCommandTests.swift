import Testing
import Values

private let manifest = """
  [library.m]
  so = "libm.so.6"
  header = "math.h"
  [[function]]
  symbol = "pow"
  pure = true
  params = [{ name = "x", c = "double" }, { name = "y", c = "double" }]
  returns = { name = "power", c = "double" }
  """

private let document = """
  assay 1
  use "./m.functions.toml"
  workflow main {
    step p = m.pow(x: 2.0, y: 3.0)
    out power: float = p.power
  }
  """

@Test func aManifestIsUsedLikeAnyPlugin() throws {
  let project = try Project(["m.functions.toml": manifest, "a.assay": document])
  let run = try project.assay("run", "a.assay")
  #expect(run.exit == 0 && run.out.contains("8.0"), "\(run.err)")
  try project.write("inline.assay", document.replacing("y: 3.0)", with: "y: 3.0) { isolation inline }"))
  let inline = try project.assay("run", "inline.assay", "--no-reuse")
  #expect(inline.exit == 1 && inline.err.contains("functions by manifest are never called inside the engine"))
}

@Test func mistakesInAManifestPointIntoIt() throws {
  let project = try Project([
    "m.functions.toml": manifest.replacing("\"double\" }, {", with: "\"dubble\" }, {"), "a.assay": document,
  ])
  let check = try project.assay("check", "a.assay")
  #expect(check.exit == 3)
  #expect(check.err.contains("error[E0702]: cannot use `./m.functions.toml`: it has 1 error\n"), "\(check.err)")
  #expect(check.err.contains("error[E0903]: unknown C type `dubble`\n") && check.err.contains("m.functions.toml:7:29"))
  try project.write("m.functions.toml", manifest.replacing("\"pow\"", with: "\"pwo\"\nid = \"pow\""))
  let missing = try project.assay("check", "a.assay").err
  #expect(
    missing.contains("error[E0908]: `libm.so.6` has no function `pwo`\n") && missing.contains("m.functions.toml:5:10"))
}

@Test func wrongDeclarationsEndPluginCheckWithThree() throws {
  let project = try Project(["m.functions.toml": manifest])
  let right = try project.assay("plugin", "check", "--functions", "m.functions.toml", "--json")
  #expect(right.exit == 0)
  try project.write("m.functions.toml", manifest.replacing("\"y\", c = \"double\"", with: "\"y\", c = \"float\""))
  let wrong = try project.assay("plugin", "check", "--functions", "m.functions.toml", "--json")
  #expect(wrong.exit == 3)
  #expect(try wrong.json()["functions"]?.asArray?.first?["header"] == "differs")
  #expect(try OutputSchema.mistakes([try right.json(), try wrong.json()]) == "")
}
