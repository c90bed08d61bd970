/// The inline metadata of a Python file (PEP 723):
/// ```
/// # /// script
/// # requires-python = ">=3.11"
/// # dependencies = ["numpy>=1.26", "scikit-learn"]
/// # ///
/// ```
package struct ScriptMetadata: Sendable, Equatable {
  package var requiresPython: VersionSpecifier?
  /// As written, in the order written.
  package var dependencies: [String]

  package init(requiresPython: VersionSpecifier? = nil, dependencies: [String] = []) {
    self.requiresPython = requiresPython
    self.dependencies = dependencies
  }

  /// Reads the `script` block of `source`; a file without one has no requirements. O(length).
  package static func parse(_ source: String, file: String) throws(EnvironmentError) -> ScriptMetadata {
    guard let block = try block(source, file: file) else { return ScriptMetadata() }
    var reader = TOMLReader(text: block.text, file: file, firstLine: block.line)
    var metadata = ScriptMetadata()
    while let entry = try reader.next() {
      guard entry.table.isEmpty else { continue }
      switch (entry.key, entry.value) {
      case ("requires-python", .string(let text)):
        guard let specifier = VersionSpecifier(text) else {
          throw EnvironmentError(
            .metadata, "`requires-python` is not a version specifier: \"\(text)\"",
            detail: ["write for example \">=3.11\" or \">=3.10,<3.14\""], file: file, line: entry.line)
        }
        metadata.requiresPython = specifier
      case ("dependencies", .array(let items)):
        for item in items {
          guard case .string(let text) = item.value, !Requirement.normalise(text).isEmpty else {
            throw EnvironmentError(
              .metadata, "`dependencies` must hold requirement texts only", file: file, line: item.line)
          }
          if text.contains(where: \.isNewline) || text.hasPrefix("-") {
            throw EnvironmentError(.metadata, "not a requirement: \"\(text)\"", file: file, line: item.line)
          }
          metadata.dependencies.append(text)
        }
      case ("requires-python", _):
        throw EnvironmentError(.metadata, "`requires-python` must be a text", file: file, line: entry.line)
      case ("dependencies", _):
        throw EnvironmentError(.metadata, "`dependencies` must be a list of texts", file: file, line: entry.line)
      default:
        continue
      }
    }
    return metadata
  }

  /// The TOML inside the block, without the comment signs, and the line of its first line.
  private static func block(_ source: String, file: String) throws(EnvironmentError) -> (text: String, line: Int)? {
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasSuffix("\r") ? line.dropLast() : line
    }
    var found: (text: String, line: Int)?
    var index = 0
    while index < lines.count {
      guard lines[index] == "# /// script" else {
        index += 1
        continue
      }
      let start = index
      var content: [Substring] = []
      index += 1
      while index < lines.count, lines[index] == "#" || lines[index].hasPrefix("# ") {
        content.append(lines[index].dropFirst(lines[index] == "#" ? 1 : 2))
        index += 1
      }
      // The last `# ///` of the comment ends it: a line before may look the same.
      guard let end = content.lastIndex(of: "///") else {
        throw EnvironmentError(
          .metadata, "the `# /// script` block has no end", detail: ["close it with a line `# ///`"], file: file,
          line: start + 1)
      }
      if found != nil {
        throw EnvironmentError(.metadata, "a second `# /// script` block", file: file, line: start + 1)
      }
      found = (content[..<end].joined(separator: "\n"), start + 2)
    }
    return found
  }
}

/// The requirements of PEP 508, as far as identity goes.
enum Requirement {
  /// Lower-case name with `-`, no needless spaces: two spellings of one requirement become equal.
  static func normalise(_ text: String) -> String {
    let trimmed = text.trimmed
    let name = trimmed.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
    let rest = trimmed.dropFirst(name.count)
    var normal = ""
    for character in name.lowercased() {
      if "-_.".contains(character) {
        if normal.last != "-" { normal.append("-") }
      } else {
        normal.append(character)
      }
    }
    // Behind `@` (a place) and `;` (a condition) spaces mean something.
    let cut = rest.firstIndex { $0 == "@" || $0 == ";" } ?? rest.endIndex
    let tail = String(rest[cut...]).trimmed
    return normal + rest[..<cut].filter { !$0.isWhitespace } + (tail.isEmpty ? "" : " " + tail)
  }
}

extension StringProtocol {
  var trimmed: String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest = rest.dropFirst() }
    while rest.last?.isWhitespace == true { rest = rest.dropLast() }
    return String(rest)
  }
}
