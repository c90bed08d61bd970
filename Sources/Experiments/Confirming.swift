internal import Workflows

/// A look at what was held out: a trial run once more, on data that no trial has seen.
package struct Confirmed: Sendable, Equatable {
  package var trial: Int
  package var run: Int64?
  /// By metric; nil: missing.
  package var metrics: [Double?]
  /// What was held out, by its content.
  package var seals: [String]
  /// The how manieth look at it this was, those of all experiments of the store counted.
  package var look: Int
  /// Rows of what was held out that trials have seen, and of how many; nil: not comparable.
  package var overlap: Overlap?
  /// Why it failed.
  package var message: String

  package struct Overlap: Sendable, Equatable {
    package var rows: Int
    package var of: Int
    package init(rows: Int, of: Int) {
      self.rows = rows
      self.of = of
    }
  }

  package init(
    trial: Int, run: Int64? = nil, metrics: [Double?], seals: [String], look: Int, overlap: Overlap? = nil,
    message: String = ""
  ) {
    self.trial = trial
    self.run = run
    self.metrics = metrics
    self.seals = seals
    self.look = look
    self.overlap = overlap
    self.message = message
  }
}

extension Confirmed {
  /// From this look on the numbers are no longer what they seem: what earlier ones said has been chosen by.
  package static let tooMany = 3

  /// What a reader has to know before believing the numbers.
  package var warnings: [String] {
    var warnings: [String] = []
    if look >= Self.tooMany {
      warnings.append(
        "this was look \(look) at what is held out: who chooses by it again and again fits to it, too; new data would be "
          + "a new measure")
    }
    if let overlap, overlap.rows > 0 {
      warnings.append(
        "\(overlap.rows) of \(overlap.of) rows that are held out are also in data that trials read: the numbers are too good"
      )
    }
    return warnings
  }
}

extension Study {
  package var holdsOut: Bool { !definition.experiment.heldOut.isEmpty }

  /// The last look with a trial.
  package func confirmation(of trial: Int) -> Confirmed? { confirmed.last { $0.trial == trial } }

  /// What is to be confirmed before the experiment can end; nil: nothing, or not yet.
  func unconfirmed(_ trial: Int?) -> Int? {
    guard holdsOut, let trial, confirmation(of: trial) == nil else { return nil }
    return trial
  }

  /// Why a trial that was good enough is not, on what was held out; nil: it is.
  func shortfall(of trial: Int) -> String? {
    guard holdsOut, let confirmed = confirmation(of: trial) else { return nil }
    guard confirmed.run != nil, confirmed.message.isEmpty else { return "held out: \(confirmed.message)" }
    let broken = comparisons(confirmed.metrics).filter { !$0.holds }
    return broken.isEmpty ? nil : "held out: " + broken.map(\.words).joined(separator: ", ")
  }

  /// What whoever approves is shown: the winner, and what it is on what was held out.
  var approvalEvidence: String {
    guard let judged else { return "" }
    guard let confirmed = judged.trial.flatMap(confirmation) else { return judged.evidence }
    return ([judged.evidence, words(confirmed)] + confirmed.warnings.map { "warning: \($0)" }).joined(separator: "\n")
  }

  /// `held out (exam): auc=0.958, loss=0.14; look 1 at it, run 40`.
  package func words(_ confirmed: Confirmed) -> String {
    let names = definition.experiment.heldOut.map(\.name).joined(separator: ", ")
    let metrics = zip(definition.experiment.metrics, confirmed.metrics).map { metric, value in
      "\(metric.name)=\(value.map { "\($0)" } ?? "missing")"
    }
    let result = confirmed.message.isEmpty ? metrics.joined(separator: ", ") : "failed: \(confirmed.message)"
    return "held out (\(names)): \(result); look \(confirmed.look) at it"
      + (confirmed.run.map { ", run \($0)" } ?? "")
  }
}
