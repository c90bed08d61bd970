package import Tasks

/// A plugin that can be used here: what it says about itself, and its tasks.
package struct Plugin: Sendable, Equatable {
  /// `std.table`.
  package var id: String
  package var version: String
  package var license: String
  package var doc: String
  package var source: PluginSource
  /// Paths of the shared objects that loading it brought in.
  package var libraries: [String] = []
  /// In the plugin's own order: a task's index is its position.
  package var tasks: [InstalledTask]

  /// The name by which workflows call a task: `read_csv` of `std.table.read_csv`.
  package func localName(of task: TaskSignature) -> String {
    task.id.hasPrefix(id + ".") ? String(task.id.dropFirst(id.utf8.count + 1)) : task.id
  }

  /// The task of that local name, or nil.
  package func task(named name: String) -> InstalledTask? {
    tasks.first { localName(of: $0.signature) == name }
  }
}

/// Why a plugin cannot be used.
package struct PluginError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable {
    /// There is no plugin of that name, or no such file.
    case missing
    /// The plugin could not be loaded, or refused.
    case load
    /// What the plugin declares is not acceptable.
    case declaration
  }

  package var code: Code
  /// Id or path of the plugin.
  package var plugin: String
  /// Task and port that it is about, or empty.
  package var task: String
  package var port: String
  package var message: String
  /// What was searched, what the plugin printed.
  package var detail: [String]

  package init(
    _ code: Code, _ plugin: String, _ message: String, task: String = "", port: String = "", detail: [String] = []
  ) {
    self.code = code
    self.plugin = plugin
    self.message = message
    self.task = task
    self.port = port
    self.detail = detail
  }

  /// `plugin std.table, task std.table.join, port left: message`, then the details, one a line.
  package var description: String {
    let place = (task.isEmpty ? "" : ", task \(task)") + (port.isEmpty ? "" : ", port \(port)")
    return (["plugin \(plugin)\(place): \(message)"] + detail.map { "  " + $0 }).joined(separator: "\n")
  }
}
