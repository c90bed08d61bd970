internal import ArgumentParser
internal import Traces
internal import Workspace

/// A run by number, or the newest.
enum RunArgument: ExpressibleByArgument {
  case last
  case number(Int64)

  init?(argument: String) {
    if argument == "last" {
      self = .last
    } else {
      guard let number = Int64(argument), number > 0 else { return nil }
      self = .number(number)
    }
  }

  /// Of a run that is there.
  func number(_ workspace: Workspace) throws(WorkspaceError) -> Int64 {
    switch self {
    case .last: try workspace.summary(of: nil).run
    case .number(let number): try workspace.summary(of: number).run
    }
  }
}
