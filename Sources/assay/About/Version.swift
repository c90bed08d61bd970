internal import ArgumentParser
internal import Values

struct Version: Command {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print the version.",
    discussion: """
      EXAMPLES:
        assay version
        assay version --json
      """)

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console) -> Int32 {
    if console.json {
      console.document(
        "assay.version/1",
        [.init("version", .string(Engine.version)), .init("abi", .int(Int64(Engine.generation)))])
    } else {
      Output.data("assay \(Engine.version) (plugin ABI generation \(Engine.generation))")
    }
    return ok
  }
}
