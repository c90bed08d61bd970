internal import TOML

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
    let table: TOMLTable
    do {
      table = try TOMLTable.parse(block.text, firstLine: block.line)
    } catch {
      throw EnvironmentError(
        .metadata, error.message, detail: error.help.map { [$0] } ?? [], file: file, line: error.place.line)
    }
    func refused(_ message: String, _ value: TOMLValue, _ detail: String...) -> EnvironmentError {
      EnvironmentError(.metadata, message, detail: detail, file: file, line: value.place.line)
    }
    var metadata = ScriptMetadata()
    if let value = table["requires-python"] {
      guard let text = value.string else { throw refused("`requires-python` must be a text", value) }
      guard let specifier = VersionSpecifier(text) else {
        throw refused(
          "`requires-python` is not a version specifier: \"\(text)\"", value,
          "write for example \">=3.11\" or \">=3.10,<3.14\"")
      }
      metadata.requiresPython = specifier
    }
    if let value = table["dependencies"] {
      guard let items = value.array else { throw refused("`dependencies` must be a list of texts", value) }
      for item in items {
        guard let text = item.string, !Requirement.normalise(text).isEmpty else {
          throw refused("`dependencies` must hold requirement texts only", item)
        }
        if text.contains(where: \.isNewline) || text.hasPrefix("-") {
          throw refused("not a requirement: \"\(text)\"", item)
        }
        metadata.dependencies.append(text)
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
