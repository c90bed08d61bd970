import Diagnostics
import Testing
import Workflows

@Suite struct ExplanationTests {
  private func document(_ example: String) -> String {
    if example.hasPrefix("assay") { return example }
    return """
      assay 1
      use std.table as t
      use std.notify as notify
      workflow example {
        in data: file<csv>
        step raw = t.read_csv(path: data)
        out first: table = raw.table
      \(example)
      }
      """
  }

  private func codes(_ example: String) -> [String] {
    var library = TestLibrary()
    library.documents["self.assay"] = "assay 1\nuse \"./test.assay\""
    return check(document(example), library: library).diagnostics.map(\.code)
  }

  /// Those of manifests and event logs are tested with their readers.
  @Test(
    arguments: Explanations.all.filter { !["09", "11"].contains($0.code.dropFirst().prefix(2)) && $0.code != "W1006" })
  func examplesAreWhatTheySay(_ explanation: Explanation) {
    #expect(codes(explanation.wrong).contains(explanation.code))
    #expect(!codes(explanation.right).contains { $0.hasPrefix("E") || $0 == explanation.code })
    #expect(Explanations.text(for: explanation.code.lowercased())?.contains(explanation.title) == true)
  }

  @Test func codesAreInOrderAndUnknownOnesHaveNoText() {
    let codes = Explanations.all.map(\.code)
    #expect(codes == codes.sorted())
    #expect(Explanations.text(for: "E9999") == nil)
  }
}
