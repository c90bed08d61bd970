package import Diagnostics

/// Something wrong with an event log of anyone, and where.
package struct LogProblem: Error, Sendable, Equatable {
  /// What `assay explain` has a page about.
  package enum Rule: String, Sendable, CaseIterable {
    /// No JSON or XML, or neither of the two formats.
    case unreadable = "E1101"
    /// A member is missing, or is something else than the format has there.
    case shape = "E1102"
    case undeclared = "E1103"
    case duplicate = "E1104"
    /// A relation to an object that is not in the log.
    case dangling = "E1105"
    case time = "E1106"
    /// A value is not of the declared type.
    case value = "E1107"
    /// Allowed, and hardly meant.
    case doubtful = "W1101"
  }

  package var rule: Rule
  package var message: String
  /// Bytes from the beginning of the file.
  package var offset: Int
  package var length: Int

  init(_ rule: Rule, _ message: String, at offset: Int, length: Int = 1) {
    self.rule = rule
    self.message = message
    self.offset = offset
    self.length = length
  }

  package var isError: Bool { rule != .doubtful }
}

/// What a check of an event log found.
package struct LogReport: Sendable {
  package enum Format: String, Sendable { case ocel, xes }
  /// Nil: it is neither.
  package var format: Format?
  package var events = 0
  /// Of OCEL.
  package var objects = 0
  /// Of XES.
  package var traces = 0
  /// The first ones, in the order of the file; `errors` and `warnings` count all.
  package private(set) var problems: [LogProblem] = []
  package private(set) var errors = 0
  package private(set) var warnings = 0

  /// A file that is wrong in each line has one mistake, not a million.
  package static let limit = 1000

  mutating func add(_ problem: LogProblem) {
    if problem.isError { errors += 1 } else { warnings += 1 }
    if problems.count < Self.limit { problems.append(problem) }
  }

  mutating func sort() { problems.sort { $0.offset < $1.offset } }

  package func diagnostics(_ file: SourceFile) -> [Diagnostic] {
    problems.map { problem in
      Diagnostic(
        problem.rule.rawValue, problem.isError ? .error : .warning, problem.message,
        at: .init(file, Span(problem.offset, problem.offset + problem.length), ""))
    }
  }
}

extension LogReport {
  /// Reads a log whole and says what readers would take without a word. Linear; memory for the identifiers.
  package init(checking bytes: [UInt8]) {
    self.init()
    let first = bytes.first { !XML.isSpace($0) && ![0xEF, 0xBB, 0xBF].contains($0) }
    switch first {
    case UInt8(ascii: "{"):
      format = .ocel
      checkOCEL(bytes)
    case UInt8(ascii: "<"):
      format = .xes
      checkXES(bytes)
    case 0x1F where bytes.starts(with: [0x1F, 0x8B]):
      add(LogProblem(.unreadable, "the file is compressed: `gunzip` makes a log of it", at: 0))
    default:
      add(
        LogProblem(
          .unreadable, "neither OCEL 2.0 in JSON, which begins with `{`, nor XES, which begins with `<`", at: 0))
    }
    sort()
  }
}
