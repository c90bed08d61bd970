internal import ArgumentParser

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Show where everything is.",
    discussion: """
      EXAMPLES:
        assay config path
        cc -I"$(assay config path headers)" -shared -fPIC -o libwords.so words.c
      """,
    subcommands: [ConfigPath.self])
}
