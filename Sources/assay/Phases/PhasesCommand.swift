internal import ArgumentParser

struct PhasesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phases", abstract: "See how the work goes through its phases, and why people go back.",
    discussion: """
      Everything is derived from the record: nothing has to be prepared, and it works on any store. A return is a run in \
      which something of an earlier phase was changed (code, a parameter, the environment, the wiring, a file) while a later \
      one was in focus. What only ran again because of that is rework, no return; trials of experiments are neither.

      EXAMPLES:
        assay phases                                  the revisit matrix
        assay phases insights                         what is worth to be said, with its numbers
        assay phases graph --figure loops.svg
        assay phases report phases.html               all of it on one page
        assay phases compare 2026-06-01 2026-09-01
        assay phases log governance --took 3h --why "audit of the data sheet"
      """,
    subcommands: [
      PhasesMatrix.self, PhasesGraph.self, PhasesTimeline.self, PhasesReasons.self, PhasesTimes.self,
      PhasesInsights.self, PhasesCompare.self, PhasesReport.self, PhasesLog.self, PhasesFocus.self, PhasesAnnotate.self,
    ], defaultSubcommand: PhasesMatrix.self)
}
