/// What `assay doctor` found out about one thing.
package struct Finding: Sendable, Equatable {
  package enum Status: String, Sendable, CaseIterable {
    case ok
    /// Something cannot be done, or not well; the rest works.
    case warning
    /// Nothing, or nothing reliable, can be done.
    case problem
  }

  /// Names the check, for scripts: `store.space`.
  package var id: String
  package var status: Status
  /// One line.
  package var detail: String
  /// The command that mends it, or a sentence that says what to do; empty if there is nothing to do.
  package var fix: String

  package init(_ id: String, _ status: Status, _ detail: String, fix: String = "") {
    self.id = id
    self.status = status
    self.detail = detail
    self.fix = fix
  }
}

/// How this system installs packages.
enum PackageManager: String, CaseIterable {
  case apt, dnf, pacman, apk

  /// A thing that packages of different names bring.
  enum Need: String {
    case compiler, make, python, venv, git, ffi

    var words: String {
      switch self {
      case .compiler: "a C compiler"
      case .venv: "the module venv of Python"
      case .ffi: "libffi"
      case .make, .python, .git: rawValue
      }
    }

    func package(_ manager: PackageManager) -> String {
      switch (self, manager) {
      case (.compiler, .apt): "gcc libc6-dev"
      case (.compiler, .apk): "gcc musl-dev"
      case (.compiler, _): "gcc"
      case (.python, .pacman): "python"
      case (.venv, .apt): "python3-venv"
      case (.venv, .pacman): "python"
      case (.python, _), (.venv, _): "python3"
      case (.ffi, .apt): "libffi8"
      case (.ffi, _): "libffi"
      case (.make, _), (.git, _): rawValue
      }
    }
  }

  /// The command that installs it here.
  static func install(_ need: Need, locate: (String) -> String?, isRoot: Bool) -> String {
    guard let manager = allCases.first(where: { locate($0.rawValue) != nil }) else {
      return "install \(need.words)"
    }
    let verb = manager == .pacman ? "-S" : manager == .apk ? "add" : "install"
    return "\(isRoot ? "" : "sudo ")\(manager.rawValue) \(verb) \(need.package(manager))"
  }
}
