/// The settings that there are, by the name that files and commands give them.
package enum SettingName: String, CaseIterable, Sendable {
  case store
  case cache
  case pluginPath = "plugin.path"
  case pythonInterpreter = "python.interpreter"
  case pythonInstaller = "python.installer"
  case pythonInstallOptions = "python.install-options"
  case parallel = "run.parallel"
  case memory = "run.memory"
  case gpus = "run.gpus"
  case seed = "run.seed"
  case reuse = "run.reuse"
  case durability = "run.durability"
  case grace = "run.grace"
  case roles = "people.roles"
  case questions = "people.questions"
  case hookCommand = "hooks.command"
  case hookWebhook = "hooks.webhook"
  case hookTimeout = "hooks.timeout"
  case phases = "phases.names"
  case phaseMetrics = "phases.metrics"
  case progress
  case color
  case pager

  /// The table in which the file has it, or nil: `run` of `run.seed`.
  package var section: String? {
    rawValue.firstIndex(of: ".").map { String(rawValue[..<$0]) }
  }

  /// Its name within the section.
  package var key: String {
    rawValue.firstIndex(of: ".").map { String(rawValue[rawValue.index(after: $0)...]) } ?? rawValue
  }
}

/// What is said about a setting, once for everybody: readers, checks, `assay config`, completion and docs/projects.md.
package struct SettingDeclaration: Sendable {
  package enum Kind: Sendable, Equatable {
    case flag
    case integer(ClosedRange<Int64>)
    case text
    case texts
    case choice([String])
    /// `10s`, `5m`.
    case duration
    /// `8GiB`.
    case size
    /// Relative to the folder of the file that says it.
    case path
    case paths
    /// A path, or a name to be looked up in `PATH`.
    case program
  }

  package var kind: Kind
  /// The value that holds when nobody says anything; nil: see `usualWords`.
  package var usual: SettingValue?
  package var usualWords: String
  /// Variables of the environment, the first that is set counts.
  package var variables: [Variable]
  /// The option that says it for one command, or empty.
  package var option: String
  /// A project may not say it: it names a program that would run without being asked for.
  package var isPersonal: Bool
  package var meaning: String

  package struct Variable: Sendable {
    package var name: String
    /// What the variable stands for if it is set at all (`NO_COLOR`); nil: its text is the value.
    package var meaning: SettingValue?
    /// Set but empty counts too.
    package var mayBeEmpty = false
  }
}

extension SettingName {
  private func declare(
    _ kind: SettingDeclaration.Kind, _ usual: SettingValue? = nil, words: String = "", option: String = "",
    also variables: [SettingDeclaration.Variable] = [], mayBeEmpty: Bool = false,
    isPersonal: Bool = false, _ meaning: String
  ) -> SettingDeclaration {
    let name = "ASSAY_" + rawValue.uppercased().map { $0 == "." || $0 == "-" ? "_" : String($0) }.joined()
    return SettingDeclaration(
      kind: kind, usual: usual, usualWords: usual?.words ?? words,
      variables: [.init(name: name, mayBeEmpty: mayBeEmpty)] + variables, option: option, isPersonal: isPersonal,
      meaning: meaning)
  }

  /// The table. A setting is read from the variable `ASSAY_` and its name besides those that stand here.
  package var declaration: SettingDeclaration {
    switch self {
    case .store: declare(.path, words: "`.assay` in the project", "where runs and their results are kept")
    case .cache:
      declare(.path, words: "`~/.cache/assay`", "Python environments and descriptions of plugins; may be deleted")
    case .pluginPath:
      declare(.paths, .texts([]), "folders in which `use NAME` looks first")
    case .pythonInterpreter:
      declare(
        .program, words: "`python3`, or a newer one that a file asks for", also: [.init(name: "ASSAY_PYTHON")],
        "the Python that is tried first, as a path or a name in `PATH`")
    case .pythonInstaller:
      declare(
        .choice(["auto", "uv", "pip"]), .text("auto"),
        "what builds Python environments; `auto`: uv if it is there, else pip")
    case .pythonInstallOptions:
      declare(
        .texts, .texts([]),
        "more options for the installer, such as `--index-url`; environments are built anew for others")
    case .parallel:
      declare(.integer(1...4096), words: "one per processor", option: "--parallel", "tasks at a time")
    case .memory:
      declare(
        .size, words: "the machine's memory", option: "--memory", "what steps that declare `resources memory` share")
    case .gpus:
      declare(.integer(0...1024), .integer(0), option: "--gpus", "what steps that declare `resources gpu` share")
    case .seed:
      declare(.integer(0...Int64.max), .integer(0), option: "--seed", "the seed of all random numbers that tasks draw")
    case .reuse: declare(.flag, .flag(true), option: "--no-reuse", "take known results of pure tasks")
    case .durability:
      declare(
        .choice(["normal", "full", "strict"]), .text("full"), option: "--durability", "when a result counts as kept")
    case .grace:
      declare(
        .duration, .duration(.seconds(10)), option: "--grace", "how long a task may go on after it was told to stop")
    case .roles:
      declare(
        .texts, .texts([]), "who has which role at the gates of experiments: `risk-officer=ada,grace`")
    case .questions:
      declare(
        .integer(0...10_000), words: "any number",
        "gates of a day about which a person is notified; the others wait in `assay inbox`")
    case .hookCommand:
      declare(
        .text, words: "none", mayBeEmpty: true, isPersonal: true,
        "a command that is told, by JSON on its standard input, when an experiment waits, ends or fails")
    case .hookWebhook:
      declare(
        .text, words: "none", mayBeEmpty: true, isPersonal: true,
        "an address to which the same JSON is posted")
    case .hookTimeout:
      declare(.duration, .duration(.seconds(10)), "how long a hook may take")
    case .phases:
      declare(.texts, .texts([]), "the phases of the project in order, instead of the usual nine")
    case .phaseMetrics:
      declare(
        .texts, .texts([]),
        "outputs of workflows whose getting worse sends people back: `auc maximize`, `loss minimize 0.01`")
    case .progress:
      declare(
        .choice(["auto", "live", "plain", "json", "none"]), .text("auto"), option: "--progress", "how a run is shown")
    case .color:
      declare(
        .choice(["auto", "always", "never"]), .text("auto"), option: "--color",
        also: [
          .init(name: "NO_COLOR", meaning: .text("never")), .init(name: "CLICOLOR_FORCE", meaning: .text("always")),
        ], "colour in what is printed")
    case .pager:
      declare(
        .text, .text("less -FRX"), option: "--no-pager", also: [.init(name: "PAGER", mayBeEmpty: true)],
        mayBeEmpty: true, isPersonal: true,
        "the program for long lists on a terminal; `cat` or empty: none")
    }
  }
}
