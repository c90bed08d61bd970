import Foundation
import Testing

/// The drawing of docs/ARCHITECTURE.md, as a table: what each target may import, storey by storey. SwiftPM lets a target
/// import what it never declared as long as something else links it, so this is the only thing that keeps the house up.
private let house: [(target: String, storey: Int, imports: [String])] = [
  ("CAssay", 0, []),
  ("CSQLite", 0, []),
  ("CFFI", 0, []),
  ("CDigest", 0, []),
  ("CProcess", 0, []),
  ("Values", 1, ["CDigest"]),
  ("Diagnostics", 1, []),
  ("TOML", 1, []),
  ("Numbers", 1, []),
  ("Charts", 1, ["Numbers"]),
  ("Syntax", 2, ["Diagnostics"]),
  ("Tasks", 2, ["Values"]),
  ("Workflows", 2, ["Syntax", "Diagnostics", "Tasks", "Values"]),
  ("Plans", 2, ["Workflows", "Diagnostics", "Tasks", "Values"]),
  ("Events", 2, ["Tasks", "Values"]),
  ("Comparisons", 2, ["Events", "Imports", "Syntax", "Diagnostics", "Tasks", "Values"]),
  ("Imports", 2, ["Syntax", "Diagnostics", "Values"]),
  ("Manuals", 2, ["Values"]),
  ("Settings", 2, ["TOML", "Diagnostics", "Values"]),
  ("Timelines", 2, ["Events", "Tasks", "Values"]),
  ("Editing", 2, ["Workflows", "Syntax", "Diagnostics", "Tasks", "Values"]),
  ("Functions", 2, ["TOML", "Diagnostics", "Values"]),
  ("Drawings", 2, ["Plans", "Workflows", "Diagnostics", "Tasks", "Values"]),
  ("Database", 3, ["CSQLite"]),
  ("Artifacts", 3, ["Values", "Database", "CProcess"]),
  ("Traces", 3, ["Events", "Tasks", "Values", "Database"]),
  ("CHost", 4, ["CAssay"]),
  ("Processes", 4, ["CProcess"]),
  ("Calls", 4, ["Tasks", "Values", "Processes", "CProcess"]),
  ("Plugins", 4, ["Tasks", "Values", "CHost", "CProcess", "Processes", "Calls"]),
  ("Workers", 4, ["Tasks", "Values", "Processes", "CProcess", "Calls"]),
  ("Environments", 4, ["Tasks", "Values", "Processes", "TOML"]),
  ("Execution", 4, ["Plans", "Workflows", "Tasks", "Values", "Events", "Artifacts", "Traces"]),
  ("Spaces", 5, ["Plans", "Numbers", "Values"]),
  ("Strategies", 5, ["Spaces", "Numbers"]),
  (
    "Experiments", 5,
    ["Knowledge", "Strategies", "Spaces", "Events", "Plans", "Workflows", "Values", "Diagnostics", "Numbers", "Tasks"]
  ),
  ("Statistics", 5, ["Strategies", "Spaces", "Numbers", "Values"]),
  ("Knowledge", 5, ["Strategies", "Spaces", "Numbers", "Values"]),
  ("Dynamics", 5, ["Statistics", "Events", "Charts", "Values"]),
  (
    "Insights", 5,
    ["Experiments", "Statistics", "Strategies", "Spaces", "Workflows", "Charts", "Numbers", "Values"]
  ),
  ("Logs", 5, ["Dynamics", "Experiments", "Events", "Diagnostics", "Values"]),
  (
    "Workspace", 6,
    [
      "Values", "Diagnostics", "Syntax", "Tasks", "Workflows", "Plans", "Events", "Database", "Artifacts", "Traces",
      "Plugins", "Imports", "Workers", "Environments", "Functions", "Execution", "Processes", "Comparisons",
      "Timelines",
      "Settings", "Experiments", "Knowledge", "Statistics", "Strategies", "Spaces", "Numbers", "Insights", "Dynamics",
      "Logs",
    ]
  ),
  ("LanguageServer", 7, ["Workspace", "Editing", "Workflows", "Syntax", "Diagnostics", "Tasks", "Values"]),
  ("Server", 7, ["Workspace", "Artifacts", "Experiments", "Events", "Traces", "Values"]),
  (
    "assay", 7,
    [
      "Workspace", "Artifacts", "Values", "Diagnostics", "Syntax", "Tasks", "Workflows", "Plans", "Events", "Traces",
      "Plugins",
      "Drawings", "Imports", "Manuals", "Execution", "Comparisons", "Timelines", "ArgumentParser",
      "Settings", "Experiments", "Knowledge", "Spaces", "Insights", "Charts", "Statistics", "Dynamics",
      "LanguageServer", "Server",
    ]
  ),
]

/// Storeys 1, 2 and 5 are pure: no clock, file, thread or random number, so no module that offers one.
private let impure: Set<String> = ["Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Synchronization"]

/// What comes with the toolchain.
private let system: Set<String> = impure.union(["Swift"])

private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

private struct Source {
  var path: String
  var lines: [Substring]
  /// Imported modules, without submodules and modifiers.
  var imports: [String] { lines.compactMap(Self.module) }

  private static let modifiers = ["package", "internal", "public", "private", "@preconcurrency", "@testable"]
  private static let kinds = ["struct", "class", "enum", "func", "protocol"]

  private static func module(_ line: Substring) -> String? {
    let words = line.split(separator: " ").map(String.init)
    guard let keyword = words.firstIndex(of: "import"), keyword <= 2,
      words.prefix(keyword).allSatisfy(modifiers.contains),
      let name = words.dropFirst(keyword + 1).first(where: { !kinds.contains($0) })
    else { return nil }
    return String(name.prefix { $0 != "." })
  }
}

private func sources(of target: String) throws -> [Source] {
  let folder = root.appending(path: "Sources/\(target)")
  let files =
    FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
  return try files.filter { $0.pathExtension == "swift" }.map {
    Source(
      path: $0.path,
      lines: try String(contentsOf: $0, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false))
  }
}

@Test(arguments: house.map(\.target))
func importsOnlyWhatTheHouseAllows(target: String) throws {
  let row = try #require(house.first { $0.target == target })
  let sources = try sources(of: target)
  for source in sources {
    for module in source.imports where !system.contains(module) {
      #expect(row.imports.contains(module), "\(source.path) imports \(module)")
    }
    if [1, 2, 5].contains(row.storey) {
      for module in source.imports { #expect(!impure.contains(module), "\(source.path) imports \(module)") }
    }
  }
}

@Test func theTableItselfOnlyPointsDown() {
  let storeys = Dictionary(uniqueKeysWithValues: house.map { ($0.target, $0.storey) })
  for row in house {
    for module in row.imports where storeys[module] != nil {
      #expect(storeys[module, default: 99] <= row.storey, "\(row.target) → \(module) points up")
    }
  }
}

@Test func everyTargetIsInTheHouseAndInTheDrawing() throws {
  let folders = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path)
  let known = Set(house.map(\.target)).union(["assay-worker", "assay-python", "assay-functions"])
  for folder in folders { #expect(known.contains(folder), "Sources/\(folder) is not in the table") }
  let drawing = try String(contentsOf: root.appending(path: "docs/ARCHITECTURE.md"), encoding: .utf8)
  for folder in folders { #expect(drawing.contains("`\(folder)`"), "docs/ARCHITECTURE.md does not name \(folder)") }
}

@Test func filesStayReadable() throws {
  for row in house {
    for source in try sources(of: row.target) {
      #expect(source.lines.count <= 700, "\(source.path) has \(source.lines.count) lines")
    }
  }
}

@Test func nothingTrapsOnInput() throws {
  let traps = ["try!", "as!", "fatalError("]
  for row in house {
    for source in try sources(of: row.target) {
      for (number, line) in source.lines.enumerated() where !line.contains("//") {
        for trap in traps { #expect(!line.contains(trap), "\(source.path):\(number + 1) uses \(trap)") }
      }
    }
  }
}
