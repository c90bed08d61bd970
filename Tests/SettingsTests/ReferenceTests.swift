import Foundation
import Settings
import Testing

private let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appending(path: "docs/projects.md")

/// `ASSAY_RECORD=1 swift test` brings the page into step.
@Test func thePageHasTheTableOfSettings() throws {
  let text = try String(contentsOf: page, encoding: .utf8)
  let begin = try #require(text.range(of: "<!-- settings: generated -->\n"))
  let end = try #require(text.range(of: "<!-- end -->"))
  if ProcessInfo.processInfo.environment["ASSAY_RECORD"] != nil {
    let changed = text[..<begin.upperBound] + SettingName.reference + text[end.lowerBound...]
    return try String(changed).write(to: page, atomically: true, encoding: .utf8)
  }
  #expect(text[begin.upperBound..<end.lowerBound] == SettingName.reference)
}
