internal import ArgumentParser
internal import Tasks
internal import Values

struct PluginCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugin", abstract: "List plugins, describe and check one.",
    discussion: """
      EXAMPLES:
        assay plugin list
        assay plugin describe ./libchurn.so
        assay plugin check --functions blas.functions.toml
      """,
    subcommands: [PluginList.self, PluginDescribe.self, PluginCheck.self])
}
