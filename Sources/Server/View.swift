package import Events
package import Experiments
package import Values
internal import Workspace

/// What a command prints about an experiment with `--json`, served as it is: `/api/experiments/E/NAME`.
package struct ExperimentView: Sendable {
  /// Options of the command that the query may have, or has to have.
  package typealias Options = [(name: String, summary: String, kind: Kind)]
  package enum Kind: Sendable {
    case text, number, neededNumber
  }
  let name: String
  let summary: String
  let options: Options
  let schema: String
  let members: @Sendable (ExperimentRecord, Study, [String: String]) throws -> [JSON.Member]

  /// - Parameter members: what the query says comes as texts by name, which are whole numbers where the option is one.
  package init(
    _ name: String, _ summary: String, schema: String, options: Options = [],
    members: @escaping @Sendable (ExperimentRecord, Study, [String: String]) throws -> [JSON.Member]
  ) {
    self.name = name
    self.summary = summary
    self.options = options
    self.schema = schema
    self.members = members
  }

  var route: API.Route {
    API.Route(
      method: "GET", path: "/api/experiments/{experiment}/\(name)", summary: summary,
      query: options.map { API.Parameter(name: $0.name, summary: $0.summary, kind: $0.kind) }, schema: schema
    ) { [self] api, call throws(WorkspaceError) in
      let (record, study) = try api.look(call)
      var given: [String: String] = [:]
      for option in options {
        guard let text = call.request.query.first(where: { $0.name == option.name })?.value else { continue }
        guard option.kind == .text || Int(text).map({ (1...1_000_000_000).contains($0) }) ?? false, !text.hasPrefix("+")
        else {
          throw WorkspaceError(.usage, "`\(option.name)` is a whole number from 1 to 1000000000")
        }
        given[option.name] = text
      }
      do { return .document(schema, try members(record, study, given)) } catch {
        throw error as? WorkspaceError ?? WorkspaceError(.bug, "\(error)")
      }
    }
  }
}
