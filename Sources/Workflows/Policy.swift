package import Diagnostics

/// A checked policy: when to look at something, what is alarming, and what to do about it without asking.
package struct Policy: Sendable {
  package var name: String
  package var doc = ""
  package var nameSpan: Span
  package var intent = ""
  /// When it looks: after so long, at these minutes of the day (UTC), and at a new version of one of these names.
  package var every: Duration?
  package var times: [Int] = []
  package var versions: [String] = []
  /// One of them has to raise an alarm; empty: looking is enough.
  package var monitors: [Monitor] = []
  /// Has to confirm the alarm: the champion, looked at again.
  package var champion: Monitor?
  package var acts: [Act] = []
  /// At least so long between the beginnings of two acts.
  package var rest: Duration?
  /// For each run, and each session of an experiment.
  package var timeout: Duration?

  /// A call of a workflow with constants.
  package struct Call: Sendable {
    /// Index into `Program.workflows`.
    package var workflow: Int
    package var inputs: [Step.Argument]
  }

  package struct Monitor: Sendable {
    package var call: Call
    /// Over the outputs of the workflow, by place; nil: the alarm is that the run fails.
    package var condition: Expression?
    /// As it is written.
    package var text: String
  }

  package enum Act: Sendable {
    /// Index into `Program.experiments`, and limits that are narrower than its own.
    case experiment(Int, Experiment.Budget)
    case workflow(Call)
  }
}
