internal import ArgumentParser
internal import Glibc
internal import Server
internal import Values
internal import Workspace

struct Serve: ProjectCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve this project over HTTP, for programs and browsers.",
    discussion: """
      Answers with the documents that commands print with --json, and takes decisions about experiments. It writes nothing \
      but decisions, so that it works beside an engine that runs, and without one. Goes on until Ctrl-C.

      Who decides shows a token, and decides in the name that belongs to it. A token for you is made at the first start and \
      kept in the file `serve-token` of the store, which only you can read. Others get theirs with --token. While the server \
      listens to this machine alone (the default), reading needs no token. /api/openapi.json describes everything.

      EXAMPLES:
        assay serve
        assay serve --port 0 --json
        assay serve --token ada=ada.token --token grace=grace.token
        curl localhost:8765/api/experiments
        curl localhost:8765/api/experiments/1/decisions -H "Authorization: Bearer $(cat .assay/serve-token)" \\
          --json '{"operation": "pause", "reason": "new data on Monday"}'
      """)

  @Option(name: .long, help: ArgumentHelp("Where to listen; 0: any port that is free.", valueName: "n"))
  var port = 8765

  @Option(
    name: .long, help: ArgumentHelp("The address to listen on; 0.0.0.0: all of this machine.", valueName: "address"))
  var host = "127.0.0.1"

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Somebody who may decide, and the file with the token, which only you may read. Repeatable.",
      valueName: "name=file"))
  var token: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp("How long a request may take to come, and an answer to be taken.", valueName: "seconds"))
  var timeout = 10.0

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard (0...65535).contains(port) else { throw ValidationError("--port is a number from 0 to 65535") }
    guard timeout > 0, timeout <= 3600 else { throw ValidationError("--timeout is at most an hour") }
    for one in token {
      let parts = one.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { throw ValidationError("--token \(one): write --token NAME=FILE") }
    }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let signals = Signals.start()
    let file = try workspace.makeStoreDirectory() + "/serve-token"
    var tokens = [(name: Workspace.user, token: try TokenFile.token(at: file))]
    for one in token {
      let parts = one.split(separator: "=", maxSplits: 1).map(String.init)
      tokens.append((parts[0], try TokenFile.read(parts[1])))
    }
    var limits = WebServer.Limits()
    limits.request = .seconds(timeout)
    let server = try WebServer(
      workspace, host: host, port: port, tokens: tokens, views: ExperimentView.all, limits: limits)
    signals.handle { _, count in if count == 1 { server.stop() } else { _exit(130) } }
    let address = "http://\(host.contains(":") ? "[\(host)]" : host):\(server.port)/api"
    if console.json {
      console.document(
        "assay.serving/1",
        [
          .init("url", .string(address)), .init("port", .int(Int64(server.port))),
          .init("project", .string(workspace.layout.project)), .init("token_file", .string(file)),
          .init("names", .array(tokens.map { .string($0.name) })),
        ])
    } else {
      console.talk("serves \(workspace.layout.project) at \(address)")
      console.talk("who decides needs a token: yours is in \(file)")
    }
    server.run()
    return signals.first == 0 ? ok : 128 + signals.first
  }
}
