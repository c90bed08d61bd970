import Foundation
import Processes
import Testing

extension Trials {
  /// `docs/tour.md` is true: each of its commands is typed, in a copy of the examples.
  @Test func theTourGoesThrough() throws {
    let output = "/tmp/assay-tour-\(getpid()).txt"
    defer { try? Files.remove(output) }
    try Files.writeAtomically(output, [])
    let tour = Process()
    tour.executableURL = URL(filePath: Build.package + "/scripts/tour")
    var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("ASSAY_") }
    environment["PATH"] = Files.directory(of: try Build.assay) + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
    environment["ASSAY_CACHE"] = NSHomeDirectory() + "/.cache/assay-tests/engine"
    tour.environment = environment
    let file = try #require(FileHandle(forWritingAtPath: output))
    tour.standardOutput = file
    tour.standardError = file
    tour.standardInput = FileHandle.nullDevice
    try tour.run()
    tour.waitUntilExit()
    let text = try Files.text(output)
    #expect(tour.terminationStatus == 0, "\(text.suffix(3000))")
    // What it promises is there to be seen.
    for promise in [
      "0 ran, 15 reused", "variant of `learn` was logistic, is newton", "is the same, bit for bit", "wdbc/report@v2",
      "did you mean", "as declared", "10 passed, 0 failed",
    ] {
      #expect(text.contains(promise), "the tour does not show: \(promise)")
    }
  }
}
