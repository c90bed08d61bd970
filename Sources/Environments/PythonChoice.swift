/// What the user has said about Python.
package struct PythonChoice: Sendable {
  package enum Installer: String, Sendable { case auto, uv, pip }

  /// The interpreter to be tried first, as a path or a name in `PATH`, and where that was said, for messages.
  package var preferred: (program: String, origin: String)?
  /// Builds environments. `auto`: uv if it is there, else pip.
  package var installer: Installer
  /// More options for `uv pip install` or `pip install`: part of what an environment is identified by.
  package var installOptions: [String]

  package init(
    preferred: (program: String, origin: String)? = nil, installer: Installer = .auto, installOptions: [String] = []
  ) {
    self.preferred = preferred
    self.installer = installer
    self.installOptions = installOptions
  }
}
