/// Why a Python environment cannot be had.
package struct EnvironmentError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable {
    /// The file or its inline metadata cannot be read.
    case metadata
    /// No interpreter satisfies the file.
    case interpreter
    /// The environment could not be created.
    case creation
    /// A dependency could not be installed.
    case installation
  }

  package var code: Code
  /// One line for a person.
  package var message: String
  /// What was found, what the installer said last, what to do.
  package var detail: [String]
  package var file: String
  /// 1-based line in `file`, or 0.
  package var line: Int

  package init(_ code: Code, _ message: String, detail: [String] = [], file: String = "", line: Int = 0) {
    self.code = code
    self.message = message
    self.detail = detail
    self.file = file
    self.line = line
  }

  /// `tasks/x.py:3: message`, then the details, one a line.
  package var description: String {
    let place = file.isEmpty ? "" : line > 0 ? "\(file):\(line): " : "\(file): "
    return ([place + message] + detail.map { "  " + $0 }).joined(separator: "\n")
  }
}
