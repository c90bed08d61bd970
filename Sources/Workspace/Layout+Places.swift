extension Layout {
  /// Everything that has a place, by the name that `assay config path` gives it. Nil: it is not there.
  package var places: [(name: String, path: String?, meaning: String)] {
    [
      ("project", project, "the project directory"),
      ("project-file", projectFile, "its settings"),
      ("store", store, "what was run, and the results"),
      ("user-file", user.file, "settings of the user"),
      ("cache", cache, "Python environments and descriptions of plugins; may be deleted"),
      ("data", user.data, "`plugins`, which all projects of the user see"),
      ("state", user.state, "what outlives a command and belongs to no project"),
      ("worker", installation.worker, "the program that hosts plugins"),
      ("python-bridge", installation.pythonBridge, "the plugin that loads Python"),
      ("functions-bridge", installation.functionsBridge, "the plugin that calls functions by manifest"),
      ("headers", installation.headers, "`assay.h` and the other C headers: cc -I"),
      ("swift-kit", installation.swiftKit, "the package AssayKit"),
      ("python-kit", installation.pythonKit, "the package `assay`: PYTHONPATH"),
      ("templates", installation.templates, "what `assay init` makes projects from"),
    ]
  }
}
