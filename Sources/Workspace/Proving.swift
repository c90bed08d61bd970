internal import Foundation
package import Traces

/// What the logs of experiments prove about themselves.
package struct LedgerReport: Sendable {
  package var experiments: Int
  package var entries: Int
  package var problems: [LedgerProblem]
  package var checkpoint: Checkpoint?
  package var isSound: Bool {
    problems.isEmpty && checkpoint.map { $0.problems.isEmpty && $0.signature.isGood } ?? true
  }

  /// A checkpoint that they were compared with.
  package struct Checkpoint: Sendable {
    package var time: String
    package var experiments: Int
    package var entries: Int
    package var problems: [LedgerProblem]
    package var signature: Signature
  }

  package enum Signature: Sendable, Equatable {
    case none
    /// Fits; nobody was named who may sign.
    case unknown(key: String)
    case good(by: String)
    case bad(String)

    /// Not the opposite of bad alone: a missing one is no reason to doubt where none was asked for.
    package var isGood: Bool { if case .bad = self { false } else { true } }
  }
}

extension Workspace {
  /// - Parameters:
  ///   - checkpoint: a file that `assay db checkpoint` made.
  ///   - signers: who may have signed it; then it has to be signed.
  package func proveLedger(checkpoint: String? = nil, signers: String? = nil) throws(WorkspaceError) -> LedgerReport {
    let kept = try checkpoint.map { (path) throws(WorkspaceError) in try Self.read(path, signers) }
    let ledger = experimentLedger()
    do throws(TraceError) {
      let chains = try ledger.chains()
      var report = LedgerReport(
        experiments: chains.count { $0.experiment > 0 }, entries: chains.reduce(0) { $0 + $1.entries },
        problems: try ledger.chainProblems())
      if let (kept, signature) = kept {
        report.checkpoint = LedgerReport.Checkpoint(
          time: kept.time, experiments: kept.chains.count { $0.experiment > 0 },
          entries: kept.chains.reduce(0) { $0 + $1.entries }, problems: try ledger.problems(since: kept),
          signature: signature)
      }
      return report
    } catch {
      throw WorkspaceError(error)
    }
  }

  private static func read(
    _ path: String, _ signers: String?
  ) throws(WorkspaceError) -> (LedgerCheckpoint, LedgerReport.Signature) {
    let whole: String
    do { whole = try String(contentsOf: URL(filePath: Layout.absolute(path)), encoding: .utf8) } catch {
      throw WorkspaceError(.notFound, "cannot read \(path)", help: error.localizedDescription)
    }
    let (text, signature) = Signing.split(whole)
    guard let checkpoint = LedgerCheckpoint(text) else {
      throw WorkspaceError(
        .document, "\(path) is no checkpoint, or not a whole one", help: "`assay db checkpoint > FILE` makes one")
    }
    guard let signature else {
      return (checkpoint, signers == nil ? .none : .bad("it is not signed"))
    }
    let (name, said) = try Signing.signer(of: text, signature, signers: signers)
    guard let name else { return (checkpoint, .bad(said.isEmpty ? "it does not fit the text" : said)) }
    return (checkpoint, signers == nil ? .unknown(key: name) : .good(by: name))
  }

  /// The text of a checkpoint, signed when there is a key. One of logs that are not sound would prove what is wrong.
  package func checkpoint(
    key: String? = nil
  ) throws(WorkspaceError) -> (text: String, checkpoint: LedgerCheckpoint) {
    let ledger = experimentLedger()
    let checkpoint: LedgerCheckpoint
    do throws(TraceError) {
      if let problem = try ledger.chainProblems().first {
        throw TraceError(.corrupt, "experiment \(problem.experiment): \(problem.text)", path: ledger.path)
      }
      checkpoint = LedgerCheckpoint(
        time: Date(timeIntervalSince1970: Double(Self.now() / 1_000_000_000)).formatted(.iso8601),
        chains: try ledger.chains())
    } catch {
      throw WorkspaceError(error)
    }
    guard let key else { return (checkpoint.text, checkpoint) }
    return (try Signing.sign(checkpoint.text, key: key), checkpoint)
  }
}
