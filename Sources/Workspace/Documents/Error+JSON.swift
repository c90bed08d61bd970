package import Diagnostics
package import Values

extension WorkspaceError {
  /// The members of `assay.error/1`.
  package var members: [JSON.Member] {
    var members: [JSON.Member] = [
      .init("exit", .int(Int64(exit.rawValue))), .init("code", .string("\(exit)")), .init("message", .string(message)),
    ]
    if !help.isEmpty { members.append(.init("help", .string(help))) }
    return members + JSON.diagnostics(diagnostics)
  }
}

extension JSON {
  /// `diagnostics` and `more`, in the form of the diagnostics renderer.
  package static func diagnostics(_ diagnostics: [Diagnostic]) -> [JSON.Member] {
    do throws(JSONSyntaxError) {
      return try JSON.parse(JSONRenderer.render(diagnostics)).asObject ?? []
    } catch {
      return [.init("diagnostics", .array([]))]
    }
  }
}
