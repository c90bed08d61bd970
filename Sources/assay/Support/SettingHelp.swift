internal import ArgumentParser
internal import Settings

extension ArgumentHelp {
  /// The help of an option that has a setting: with the setting's name and default, from the table of settings.
  init(_ text: String, setting name: SettingName, valueName: String? = nil) {
    let usual = name.declaration.usualWords.filter { $0 != "`" }
    self.init("\(text) (default: setting \(name.rawValue), else \(usual))", valueName: valueName)
  }
}
