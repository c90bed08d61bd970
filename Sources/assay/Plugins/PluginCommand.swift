internal import ArgumentParser
internal import Tasks
internal import Values

struct PluginCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugin", abstract: "List plugins, load one and describe it.",
    discussion: """
      EXAMPLES:
        assay plugin list
        assay plugin describe ./libchurn.so
      """,
    subcommands: [PluginList.self, PluginDescribe.self])
}
