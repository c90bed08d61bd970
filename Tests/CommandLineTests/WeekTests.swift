import Foundation
import Testing

/// `Examples/breast-cancer/week`, the short form: six experiments, with gates, a data change, a bad history, a promotion.
@Test func aWeekOfWork() throws {
  let example = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "../../Examples/breast-cancer/week"
  )
  .standardizedFileURL.path
  let week = Process()
  week.executableURL = URL(filePath: "/usr/bin/env")
  week.arguments = ["python3", example, "--short", "--assay", executablePath]
  var environment = ProcessInfo.processInfo.environment
  // The Python environment takes a while to install: shared by all runs of the tests.
  environment["ASSAY_CACHE"] = NSHomeDirectory() + "/.cache/assay-tests/engine"
  environment["ASSAY_STORE"] = nil
  week.environment = environment
  let (out, err) = (Pipe(), Pipe())
  week.standardOutput = out
  week.standardError = err
  try week.run()
  let text = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  let errors = String(decoding: err.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  week.waitUntilExit()
  #expect(week.terminationStatus == 0, "\(errors)")
  let lines = text.split(separator: "\n").map(String.init)
  for day in ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] {
    #expect(
      lines.contains { $0.hasPrefix(day) && $0.contains("finished") || $0.contains("accepted") }, "\(day): \(text)")
  }
  // `Monday  wine  3  0 …`: trials, and those that failed.
  let rows = lines.map { $0.split(separator: " ") }.filter { $0.count > 5 && Int($0[2]) != nil && Int($0[3]) != nil }
  #expect(rows.count == 6 && rows.allSatisfy { $0[3] == "0" }, "\(text)")
  #expect(text.contains("gate review: stop"))
  #expect(text.contains("gate accept: approve"))
  #expect(text.contains("promote breast-cancer/model@champion"), "\(text)")
}
