internal import ArgumentParser
internal import Plugins
internal import Tasks
internal import Values
internal import Workspace

struct PluginList: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the plugins that `use` finds by name.",
    discussion: """
      EXAMPLES:
        assay plugin list
        assay plugin list --json
      """)

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let plugins = try workspace.plugins()
    if console.json {
      console.document("assay.plugins/1", [.init("plugins", .array(plugins.map { PluginText.json($0.id, $0.plugin) }))])
    } else {
      console.show(PluginText.table(plugins, console.glyphs), empty: "no plugins are installed")
      for (id, plugin) in plugins {
        if case .failure(let error) = plugin { console.warn("\(id): \(error.message)") }
      }
    }
    return ok
  }
}

/// Plugins as the command line shows them.
enum PluginText {
  static func table(_ plugins: [(id: String, plugin: Result<Plugin, PluginError>)], _ glyphs: Glyphs) -> TextTable {
    var table = TextTable([
      .init(title: "PLUGIN"), .init(title: "VERSION"), .init(title: "TASKS", isNumber: true),
      .init(title: "STATE", isElastic: true), .init(title: "PATH", rank: 1, isElastic: true),
    ])
    for (id, plugin) in plugins {
      switch plugin {
      case .success(let plugin):
        table.add([
          .init(id), .init(plugin.version), .init(String(plugin.tasks.count)), .init("\(glyphs.done) loads", .good),
          .init(plugin.source.path, .faint),
        ])
      case .failure(let error):
        table.add([
          .init(id), .init(""), .init(""), .init("\(glyphs.failed) does not load", .bad), .init(error.plugin, .faint),
        ])
      }
    }
    return table
  }

  static func heading(_ plugin: Plugin, _ paint: Paint) -> String {
    var text = paint("plugin \(plugin.id) \(plugin.version)", .strong) + "\n"
    if !plugin.doc.isEmpty { text += Text.harmless(plugin.doc, lines: true) + "\n" }
    text += "path      \(Text.harmless(plugin.source.path))\n"
    if !plugin.license.isEmpty { text += "license   \(Text.harmless(plugin.license))\n" }
    return text
  }

  static func members(_ plugin: Plugin) -> [JSON.Member] {
    [
      .init("id", .string(plugin.id)), .init("version", .string(plugin.version)), .init("doc", .string(plugin.doc)),
      .init("license", .string(plugin.license)), .init("kind", .string(plugin.source.kind.rawValue)),
      .init("path", .string(plugin.source.path)),
    ]
  }

  static func json(_ id: String, _ plugin: Result<Plugin, PluginError>) -> JSON {
    switch plugin {
    case .success(let plugin):
      .object(members(plugin) + [.init("tasks", .array(plugin.tasks.map { .string($0.signature.id) }))])
    case .failure(let error): ["id": .string(id), "error": .string("\(error)")]
    }
  }
}
