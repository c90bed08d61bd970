/// The directories of a user, by the XDG Base Directory Specification: the only place that knows their names.
package struct UserDirectories: Sendable {
  /// `$XDG_CONFIG_HOME/assay`, `~/.config/assay`: `config.toml`.
  package var config: String
  /// `$XDG_CACHE_HOME/assay`, `~/.cache/assay`: Python environments, descriptions of plugins. May be deleted at any time.
  package var cache: String
  /// `$XDG_DATA_HOME/assay`, `~/.local/share/assay`: `plugins`, which all projects of the user see.
  package var data: String
  /// `$XDG_STATE_HOME/assay`, `~/.local/state/assay`: what outlives a command but belongs to no project.
  package var state: String

  /// The settings of the user.
  package var file: String { config + "/config.toml" }

  /// A base directory that is not absolute is ignored, as the specification wants it.
  package init(home: String, environment: [String: String]) {
    func base(_ variable: String, _ usual: String) -> String {
      let given = environment[variable].flatMap { $0.hasPrefix("/") ? $0 : nil }
      return (given ?? home + "/" + usual) + "/assay"
    }
    config = base("XDG_CONFIG_HOME", ".config")
    cache = base("XDG_CACHE_HOME", ".cache")
    data = base("XDG_DATA_HOME", ".local/share")
    state = base("XDG_STATE_HOME", ".local/state")
  }
}
