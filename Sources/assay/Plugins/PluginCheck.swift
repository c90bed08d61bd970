internal import ArgumentParser
internal import Diagnostics
internal import Values
internal import Workspace

struct PluginCheck: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Compare a manifest of functions with the libraries that it binds.",
    discussion: """
      Opens each library, finds each function, and compares its declaration with the C header that the manifest names (the \
      C compiler does that) and with the library's debug information (readelf does that). Nothing is called. A declaration \
      that nothing can be compared with is a warning. Ends with 3 if something is wrong.

      EXAMPLES:
        assay plugin check --functions blas.functions.toml
        assay plugin check --functions blas.functions.toml --json
      """)

  @Option(name: .long, help: ArgumentHelp("The manifest.", valueName: "file"))
  var functions: String

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let check = try workspace.checkFunctions(functions)
    let isWrong = check.diagnostics.contains { $0.severity == .error }
    if console.json {
      console.document(
        "assay.functions/1",
        [.init("ok", .bool(!isWrong)), .init("functions", .array(check.functions.map(Self.json)))]
          + JSON.diagnostics(check.diagnostics))
    } else {
      console.show(check.diagnostics)
      if !check.functions.isEmpty {
        if !check.diagnostics.isEmpty { console.talk("") }
        console.show(Self.table(check, console.glyphs), empty: "")
        console.talk(Self.summary(check))
      }
    }
    return isWrong ? Status.document.rawValue : ok
  }

  private static func json(_ function: ManifestCheck.Function) -> JSON {
    [
      "id": .string(function.id), "symbol": .string(function.symbol), "library": .string(function.library),
      "found": .bool(function.isThere), "header": .string(function.header.rawValue),
      "debug_information": .string(function.debug.rawValue),
    ]
  }

  private static func table(_ check: ManifestCheck, _ glyphs: Glyphs) -> TextTable {
    var table = TextTable([
      .init(title: "FUNCTION"), .init(title: "SYMBOL"), .init(title: "LIBRARY", rank: 1, isElastic: true),
      .init(title: "HEADER"), .init(title: "DEBUG INFO"),
    ])
    for function in check.functions {
      let color: Style = function.isWrong ? .bad : function.isVerified ? .good : .faint
      let mark = function.isWrong ? glyphs.failed : function.isVerified ? glyphs.done : "?"
      table.add([
        .init("\(mark) \(function.id)", color), .init(function.symbol + (function.isThere ? "" : " (not found)")),
        .init(function.library, .faint), .init(function.header.rawValue), .init(function.debug.rawValue),
      ])
    }
    return table
  }

  private static func summary(_ check: ManifestCheck) -> String {
    let wrong = check.functions.count(where: \.isWrong)
    let agree = check.functions.count { $0.isVerified && !$0.isWrong }
    var parts = ["\(Text.count(check.functions.count, "function")): \(agree) as declared"]
    if wrong > 0 { parts.append("\(wrong) wrong") }
    let rest = check.functions.count - wrong - agree
    if rest > 0 { parts.append("\(rest) not compared") }
    return parts.joined(separator: ", ")
  }
}
