internal import Experiments
internal import Tasks
internal import Values
internal import Workflows

extension TrialMaker {
  /// Whether repeating a trial with another seed sets the input `seed` of the study, too: most workflows hand it to their
  /// steps, and would do the same again otherwise. Not where it is a parameter of the space.
  var repeatsSeedInput: Bool {
    let experiment = definition.experiment
    let isSearched = experiment.parameters.contains { $0.target == .input("seed") }
    return !isSearched
      && program.workflows[experiment.workflow].inputs.contains { input in
        guard input.name == "seed", case .int = input.type else { return false }
        return true
      }
  }
}
