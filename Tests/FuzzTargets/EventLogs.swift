import Diagnostics
import Logs
import Traces
import Workflows

/// What `assay export check` and `assay db verify --checkpoint` read.
@Sendable func fuzzLogs(_ bytes: [UInt8]) throws {
  let report = LogReport(checking: bytes)
  try promise(report.problems.count <= LogReport.limit, "more problems than are kept")
  try promise(report.errors + report.warnings >= report.problems.count, "problems that are not counted")
  for problem in report.problems {
    try promise(
      problem.offset >= 0 && problem.length >= 0 && problem.offset <= bytes.count, "a problem at \(problem.offset)")
    try promise(Explanations.explanation(for: problem.rule.rawValue) != nil, "\(problem.rule) has no explanation")
  }
  _ = TextRenderer().render(Array(report.diagnostics(SourceFile(path: "log", bytes: bytes)).prefix(4)))
  let text = String(decoding: bytes, as: UTF8.self)
  if let checkpoint = LedgerCheckpoint(text) {
    try promise(LedgerCheckpoint(checkpoint.text) == checkpoint, "a checkpoint is read as another one")
  }
}
