/// The phases of a machine-learning project that steps and tasks are tagged with.
package enum Phase {
  /// In the order of a first pass through a project.
  package static let names = [
    "problem_definition", "acquisition", "preparation", "development", "validation", "deployment", "monitoring",
    "management", "scalability", "governance",
  ]

  /// Those of the study of MLOps dynamics, which a project has unless it says otherwise.
  package static let standard = names.filter { $0 != "validation" }

  /// Other words for the same, as plugins use them, and the name that documents use.
  package static let aliases = [
    "problem": "problem_definition", "data_acquisition": "acquisition", "data_preparation": "preparation",
    "model_development": "development", "evaluation": "validation", "model_deployment": "deployment",
    "governance_and_compliance": "governance",
  ]

  /// The name for a word, or nil when it is no phase.
  package static func canonical(_ word: String) -> String? { names.contains(word) ? word : aliases[word] }
}
