import Foundation

/// The repository.
let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path

/// The folder with what is built.
let products = URL(filePath: executablePath).deletingLastPathComponent().path

/// Runs a shell command in a folder of a project, with the built `assay` in the path; what it printed to both streams,
/// and how it ended.
func shell(_ command: String, in project: Project, _ folder: String = "") throws -> (text: String, exit: Int32) {
  let process = Process()
  process.executableURL = URL(filePath: "/bin/sh")
  process.arguments = ["-c", command]
  process.currentDirectoryURL = URL(filePath: project.path + "/" + folder)
  process.environment = [
    "PATH": products + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"), "HOME": project.path,
    "LANG": "C.UTF-8", "ASSAY_CACHE": project.path + "/cache",
  ]
  let output = Pipe()
  process.standardOutput = output
  process.standardError = output
  process.standardInput = FileHandle.nullDevice
  try process.run()
  let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  return (text, process.terminationStatus)
}
