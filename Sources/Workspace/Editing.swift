internal import Plugins
internal import Settings
package import Workflows

// What an editor needs of a project besides checks of files.

extension Workspace {
  /// What documents may use. Thread-safe; loading may take as long as building a Python environment does.
  package func library() throws(WorkspaceError) -> any Library & Sendable {
    FileLibrary(
      catalog: try catalog(), environments: environments, notice: notice, phases: layout.settings.texts(.phases))
  }

  /// The ids of the plugins that may be installed; none is loaded.
  package func pluginIDs() throws(WorkspaceError) -> [String] { try catalog().candidates }
}
