internal import Workspace

/// What this build is.
enum Engine {
  static let version = Workspace.version
  static let generation = 1
}
