package import Diagnostics
internal import TOML

/// What the user has said about how Assay works, and where: layers, of which the last that names a setting counts.
package struct Settings: Sendable {
  /// Who said it.
  package enum Origin: Sendable, Equatable {
    case usual
    /// Place in a file; line and column from 1.
    case file(path: String, line: Int, column: Int)
    /// A variable of the environment.
    case variable(String)

    package var words: String {
      switch self {
      case .usual: "default"
      case .file(let path, let line, _): "\(path):\(line)"
      case .variable(let name): name
      }
    }
  }

  /// What one layer says about a setting.
  package struct Entry: Sendable, Equatable {
    package var value: SettingValue
    package var origin: Origin
    /// The folder to which relative paths in the value belong; nil: the current one.
    package var folder: String?
  }

  private var entries: [SettingName: [Entry]] = [:]

  package init() {}

  /// What the layers say, the one that counts last.
  package func layers(_ name: SettingName) -> [Entry] { entries[name] ?? [] }

  /// What counts; nil: nobody has said anything.
  package func given(_ name: SettingName) -> Entry? { entries[name]?.last }

  package func origin(_ name: SettingName) -> Origin { given(name)?.origin ?? .usual }

  /// What counts, or the default if it has a value.
  package subscript(name: SettingName) -> SettingValue? { given(name)?.value ?? name.declaration.usual }

  package func text(_ name: SettingName) -> String? {
    if case .text(let text)? = self[name] { text } else { nil }
  }
  /// One of the words of a choice, as the type that has them.
  package func choice<T: RawRepresentable<String>>(_ name: SettingName) -> T? { text(name).flatMap(T.init(rawValue:)) }
  package func texts(_ name: SettingName) -> [String] {
    if case .texts(let texts)? = self[name] { texts } else { [] }
  }
  package func integer(_ name: SettingName) -> Int64? {
    if case .integer(let number)? = self[name] { number } else { nil }
  }
  package func flag(_ name: SettingName) -> Bool {
    if case .flag(let flag)? = self[name] { flag } else { false }
  }
  package func duration(_ name: SettingName) -> Duration? {
    if case .duration(let duration)? = self[name] { duration } else { nil }
  }
  package func size(_ name: SettingName) -> Int64? {
    if case .size(let bytes)? = self[name] { bytes } else { nil }
  }

  // MARK: - Layers

  /// Adds a file over what is there. Returns what is wrong with it; what is right counts nevertheless.
  ///
  /// - Parameters:
  ///   - folder: to which relative paths in the file belong.
  ///   - isProject: it came with a project, not from the user.
  package mutating func add(_ file: SourceFile, folder: String, isProject: Bool) -> [Diagnostic] {
    var reading = SettingsReading(file: file, isProject: isProject)
    for (name, value, place) in reading.read() {
      let origin = Origin.file(path: file.path, line: place.line, column: place.column)
      entries[name, default: []].append(Entry(value: value, origin: origin, folder: folder))
    }
    return reading.diagnostics
  }

  /// Adds the variables of the environment. Returns what is wrong with them.
  package mutating func add(environment: [String: String]) -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    for name in SettingName.allCases {
      let declaration = name.declaration
      // The first that is set counts: added last.
      for variable in declaration.variables.reversed() {
        guard let text = environment[variable.name], variable.mayBeEmpty || !text.isEmpty else { continue }
        if let meaning = variable.meaning {
          guard text != "0", text != "false" else { continue }
          entries[name, default: []].append(Entry(value: meaning, origin: .variable(variable.name)))
        } else if let value = declaration.kind.value(text) {
          entries[name, default: []].append(Entry(value: value, origin: .variable(variable.name)))
        } else {
          let file = SourceFile(path: "environment", text: "\(variable.name)=\(text)")
          let start = variable.name.utf8.count + 1
          diagnostics.append(
            Diagnostic(
              "", "`\(variable.name)` has to be \(declaration.kind.words)",
              at: .init(file, Span(start, start + text.utf8.count), "sets `\(name.rawValue)`"),
              help: nearest(text, declaration.kind.choices).map { "did you mean `\($0)`?" }))
        }
      }
    }
    return diagnostics
  }
}
