/// How a person names an artifact.
package enum ArtifactReference: Sendable, Equatable {
  /// `churn/model`, `churn/model@v3`, `churn/model@production`.
  case name(String, ArtifactSelector)
  /// `sha256:3fa4b6c1`, or digits that are no name: the beginning of a digest.
  case digest(String)
  /// `12:report`, `12:train.model`: an output of a run.
  case output(run: Int64, path: String)

  /// - Parameter isName: whether there is such a name; without a version or tag it goes before a digest.
  package init(_ text: String, isName: (String) -> Bool) throws(NameProblem) {
    if text.hasPrefix("sha256:") {
      self = .digest(text.dropFirst(7).lowercased())
    } else if let colon = text.firstIndex(of: ":"), let run = Int64(text[..<colon]) {
      self = .output(run: run, path: String(text[text.index(after: colon)...]))
    } else if let at = text.firstIndex(of: "@") {
      let name = String(text[..<at])
      try ArtifactName.check(name)
      self = .name(name, try ArtifactSelector(text[text.index(after: at)...]))
    } else if !isName(text), text.utf8.count >= 4, text.allSatisfy(\.isHexDigit) {
      self = .digest(text.lowercased())
    } else {
      try ArtifactName.check(text)
      self = .name(text, .latest)
    }
  }
}

/// Which version of a name.
package enum ArtifactSelector: Sendable, Hashable {
  case latest
  case version(Int)
  case tag(String)

  package init(_ text: some StringProtocol) throws(NameProblem) {
    if let number = Self.version(text) {
      self = .version(number)
    } else {
      try ArtifactName.check(tag: String(text))
      self = .tag(String(text))
    }
  }

  /// 3 of `v3`.
  private static func version(_ text: some StringProtocol) -> Int? {
    guard text.first == "v", text.dropFirst().allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
    return Int(text.dropFirst())
  }
}

/// Names are words joined by `/`; words and tags are letters, digits, `.`, `_` and `-`, and begin with a letter or digit.
package enum ArtifactName {
  package static func check(_ name: String) throws(NameProblem) {
    let words = name.split(separator: "/", omittingEmptySubsequences: false)
    guard name.utf8.count <= 200, words.allSatisfy(isWord) else {
      throw NameProblem(
        "`\(name.prefix(200))` is no name for an artifact",
        help: "names are words of letters, digits, `.`, `_` and `-`, joined by `/`: `churn/model`")
    }
  }

  package static func check(tag: String) throws(NameProblem) {
    let looksLikeVersion = tag.first == "v" && tag.count > 1 && tag.dropFirst().allSatisfy(\.isNumber)
    guard tag.utf8.count <= 100, isWord(tag[...]), !looksLikeVersion, tag != "latest" else {
      throw NameProblem(
        "`\(tag.prefix(100))` is no tag",
        help: "tags are words of letters, digits, `.`, `_` and `-`; `v3` and `latest` mean versions")
    }
  }

  private static func isWord(_ word: Substring) -> Bool {
    guard let first = word.utf8.first, isAlphanumeric(first) else { return false }
    return word.utf8.allSatisfy { isAlphanumeric($0) || [0x2D, 0x2E, 0x5F].contains($0) }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }
}

/// What is wrong with a name, tag or version: for a person.
package struct NameProblem: Error, Sendable, Equatable {
  package var message: String
  /// What to do, or empty.
  package var help: String
  /// There is no such name, version or tag; else the request makes no sense.
  package var isMissing: Bool
  /// What may have been meant.
  package var candidates: [String]

  package init(_ message: String, help: String = "", isMissing: Bool = false, candidates: [String] = []) {
    self.message = message
    self.help = help
    self.isMissing = isMissing
    self.candidates = candidates
  }
}
