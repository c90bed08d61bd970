import Environments
import Testing

@Suite struct MetadataTests {
  @Test func readsTheScriptBlock() throws {
    let source = """
      # a comment
      # /// script
      # requires-python = ">=3.10,<3.14"   # why not
      # dependencies = [
      #   "numpy>=1.26",  # arrays
      #   'scikit-learn ~= 1.4',
      # ]
      #
      # [tool.other]
      # x = { a = 1, b = "}" }
      # ///
      import numpy
      """
    let metadata = try ScriptMetadata.parse(source, file: "x.py")
    #expect(metadata.dependencies == ["numpy>=1.26", "scikit-learn ~= 1.4"])
    #expect(metadata.requiresPython?.description == ">=3.10,<3.14")
  }

  @Test func aFileWithoutABlockAsksForNothing() throws {
    #expect(try ScriptMetadata.parse("print('# /// script')\n", file: "x.py") == ScriptMetadata())
  }

  @Test(arguments: [
    ("# /// script\n# requires-python = \">=3.1\n# ///\n", 2, "expected the closing"),
    ("# /// script\n# dependencies = [\"a\" \"b\"]\n# ///\n", 2, "`,` or `]`"),
    ("# /// script\n#\n# dependencies = \"a\"\n# ///\n", 3, "must be a list"),
    ("# /// script\n# dependencies = [1]\n# ///\n", 2, "requirement texts"),
    ("# /// script\n# dependencies = [\n#  \"--index-url=http://x\"]\n# ///\n", 3, "not a requirement"),
    ("# /// script\n# requires-python = \"three\"\n# ///\n", 2, "not a version specifier"),
    ("# /// script\n# requires-python = \"~=3\"\n# ///\n", 2, "not a version specifier"),
    ("# /// script\n# x = 1\n", 1, "has no end"),
    ("# /// script\n# ///\n\n# /// script\n# ///\n", 4, "a second"),
    ("# /// script\n# = 1\n# ///\n", 2, "expected a name"),
    ("# /// script\n# a = \"\\q\"\n# ///\n", 2, "expected an escape"),
    ("# /// script\n# a = \(String(repeating: "[", count: 200))\n# ///\n", 2, "too deeply"),
  ])
  func mistakesAreNamedWithTheirLine(source: String, line: Int, text: String) {
    let error = #expect(throws: EnvironmentError.self) { try ScriptMetadata.parse(source, file: "x.py") }
    #expect(error?.line == line)
    #expect(error?.description.contains(text) == true, "\(String(describing: error))")
    #expect(error?.description.hasPrefix("x.py:\(line): ") == true)
  }

  @Test(arguments: [
    (">=3.11", "3.11.2", true), (">=3.11", "3.10.13", false), ("<3.12", "3.11.9", true), ("<3.12", "3.12.0", false),
    ("~=3.11", "3.13.0", true), ("~=3.11.1", "3.12.0", false), ("~=3.11.1", "3.11.0", false),
    ("==3.12.*", "3.12.4", true), ("==3.12.*", "3.13.0", false), ("!=3.12.1", "3.12.1", false),
    ("==3.11", "3.11.0", true), (">=3.9, <3.13, !=3.11.*", "3.11.5", false), ("", "3.8.1", true),
    (">3.11", "3.11.1", true), ("<=3.11", "3.11.1", false),
  ])
  func specifiersChoose(specifier: String, version: String, accepted: Bool) throws {
    let version = try #require(PythonVersion(version))
    #expect(try #require(VersionSpecifier(specifier)).accepts(version) == accepted)
  }

  @Test func anyBytesGiveAResultOrAnError() {
    var state: UInt64 = 42
    let alphabet = Array("# /script[]\"'\\=,.{}\n abc10-u")
    for _ in 0..<500 {
      var text = "# /// script\n# "
      for _ in 0..<60 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let character = alphabet[Int(state >> 33) % alphabet.count]
        text.append(character)
        if character == "\n" { text += "# " }
      }
      do { _ = try ScriptMetadata.parse(text + "\n# ///\n", file: "x.py") } catch {
        #expect(error.code == .metadata && error.line > 0 && !error.message.isEmpty)
      }
    }
  }
}
