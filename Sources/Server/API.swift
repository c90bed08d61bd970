internal import Events
internal import Experiments
internal import Values
internal import Workspace

/// What the server answers: a table of routes, from which its description is made too. Any thread.
struct API: Sendable {
  let workspace: Workspace
  let studies: LiveStudies
  let routes: [Route]
  private let access: Access

  init(_ workspace: Workspace, _ access: Access, _ views: [ExperimentView]) {
    self.workspace = workspace
    self.access = access
    routes = Self.routes + views.map(\.route)
    studies = LiveStudies(workspace)
  }

  /// A request that found its route.
  struct Call: Sendable {
    var request: Request
    /// What stands in the path where the route has a name in braces.
    var path: [String: String]
    /// In whose name; nil: nobody's.
    var name: String?
  }

  struct Route: Sendable {
    let method: String
    let path: String
    let summary: String
    var query: [Parameter] = []
    /// The schema of the answer; empty: events.
    let schema: String
    let perform: @Sendable (API, Call) throws(WorkspaceError) -> Response

    var segments: [Substring] { path.split(separator: "/") }
    var isWrite: Bool { method != "GET" }
  }

  /// A word in the query.
  struct Parameter: Sendable {
    let name: String
    let summary: String
    /// Of a whole number; nil: any text.
    let range: ClosedRange<Int>?
    /// What it is where nothing is said; nil: nothing.
    let usual: Int?
    let isNeeded: Bool

    init(name: String, summary: String, range: ClosedRange<Int>, usual: Int) {
      (self.name, self.summary, self.range, self.usual) = (name, summary, range, usual)
      isNeeded = false
    }

    /// Without it the answer is about everything.
    init(name: String, summary: String, kind: ExperimentView.Kind) {
      (self.name, self.summary, range, usual) = (name, summary, kind == .text ? nil : 1...1_000_000_000, nil)
      isNeeded = kind == .neededNumber
    }
  }

  static let limit = Parameter(name: "limit", summary: "At most so many.", range: 1...10_000, usual: 100)
  static let from = Parameter(
    name: "from", summary: "How many entries are known already.", range: 0...1_000_000_000, usual: 0)

  func answer(_ request: Request) -> Response {
    let method = request.method == "HEAD" ? "GET" : request.method
    let routes = routes.compactMap { route in Self.match(route, request.segments).map { (route, $0) } }
    let found = routes.first { $0.0.method == method }
    let name: String?
    switch access.verdict(request, isWrite: found?.0.isWrite ?? false) {
    case .refused(let response): return response
    case .granted(let who): name = who
    }
    guard let (route, path) = found else {
      guard !routes.isEmpty else {
        let path = "/" + request.segments.joined(separator: "/")
        return .error(WorkspaceError(.notFound, "there is no `\(path)`", help: "/api/openapi.json says what there is"))
      }
      var response = Response.error(405, "`\(request.method.prefix(40))` is not possible here")
      response.headers.append(("Allow", Set(routes.map(\.0.method) + ["HEAD"]).sorted().joined(separator: ", ")))
      return response
    }
    do throws(WorkspaceError) {
      return try route.perform(self, Call(request: request, path: path, name: name))
    } catch {
      return .error(error)
    }
  }

  private static func match(_ route: Route, _ segments: [String]) -> [String: String]? {
    guard route.segments.count == segments.count else { return nil }
    var path: [String: String] = [:]
    for (pattern, segment) in zip(route.segments, segments) {
      if pattern.hasPrefix("{") { path[String(pattern.dropFirst().dropLast())] = segment; continue }
      guard pattern == segment else { return nil }
    }
    return path
  }
}

extension API.Call {
  func text(_ name: String) -> String { path[name] ?? "" }

  func number(_ parameter: API.Parameter) throws(WorkspaceError) -> Int {
    guard let text = request.query.first(where: { $0.name == parameter.name })?.value else {
      return parameter.usual ?? 0
    }
    let range = parameter.range ?? 0...0
    guard !text.hasPrefix("+"), let number = Int(text), range.contains(number) else {
      throw WorkspaceError(
        .usage, "`\(parameter.name)` is a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// The body as JSON.
  func json() throws(WorkspaceError) -> JSON {
    let type = request.header("content-type").map { $0.prefix { $0 != ";" }.lowercased() }
    guard type == nil || type == "application/json" else {
      throw WorkspaceError(.usage, "the body is JSON: send `Content-Type: application/json`")
    }
    do throws(JSONSyntaxError) { return try JSON.parse(request.body) } catch {
      throw WorkspaceError(.usage, "the body is no JSON: \(error)")
    }
  }
}
