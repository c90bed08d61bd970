internal import ArgumentParser
internal import Diagnostics
internal import Values
internal import Workspace

struct ConfigPath: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "path", abstract: "Show where everything is.",
    discussion: """
      With a name, only that path: for scripts and makefiles.

      EXAMPLES:
        assay config path
        assay config path store
        cc -I"$(assay config path headers)" -shared -fPIC -o libwords.so words.c
      """)

  @Argument(help: ArgumentHelp("One of the names of the list.", valueName: "name"))
  var name: String?

  @OptionGroup var shared: SharedOptions

  var needsSettings: Bool { false }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let places = try chosen(workspace.layout.places)
    if console.json {
      let members = places.map { JSON.Member($0.name, $0.path.map { .string($0) } ?? .null) }
      console.document("assay.paths/1", [.init("paths", .object(members))])
    } else if name != nil {
      Output.data(places.compactMap(\.path).joined(separator: "\n"))
    } else {
      var table = TextTable([
        .init(title: "NAME"), .init(title: "PATH", isElastic: true), .init(title: "WHAT", rank: 1, isElastic: true),
      ])
      for place in places {
        table.add([
          .init(place.name), .init(place.path ?? "missing", place.path == nil ? .bad : nil), .init(place.meaning),
        ])
      }
      console.show(table, empty: "")
    }
    return ok
  }

  private typealias Places = [(name: String, path: String?, meaning: String)]

  private func chosen(_ places: Places) throws(WorkspaceError) -> Places {
    guard let name else { return places }
    guard let place = places.first(where: { $0.name == name }) else {
      let near = nearest(name, places.map(\.name)).map { "did you mean `\($0)`?" }
      throw WorkspaceError(.usage, "there is no path of the name `\(name)`", help: near ?? "assay config path")
    }
    guard place.path != nil else {
      throw WorkspaceError(.notFound, "\(name) is missing: \(place.meaning)", help: "`assay doctor` says what to do")
    }
    return [place]
  }
}
