package import Tasks
package import Values

/// Under what a run was made, besides its documents and inputs: what a repetition needs to know, and what may explain a
/// difference.
package struct Circumstances: Sendable {
  /// The directory that paths of documents are relative to: inside the project relative to it, otherwise absolute.
  package var directory: String
  /// The step that `--until` named.
  package var until: String?
  /// Attempts at a time.
  package var lanes: Int
  /// Recorded results might be taken.
  package var reuses: Bool
  /// Deterministic tasks ran twice.
  package var verifies: Bool
  package var facts: [Fact]
  /// The code of all steps, each identity once.
  package var code: [CodeRecord]
  /// The run that this one repeats.
  package var reproduces: RunNumber?
  /// By input, in order: where its file or directory came from; empty for other values.
  package var origins: [String]
  /// What the run is a trial of: its documents have the experiment, and its inputs the parameters.
  package var trial: TrialReference?

  package init(
    directory: String = "", until: String? = nil, lanes: Int = 1, reuses: Bool = true, verifies: Bool = false,
    facts: [Fact] = [], code: [CodeRecord] = [], reproduces: RunNumber? = nil, origins: [String] = [],
    trial: TrialReference? = nil
  ) {
    self.directory = directory
    self.until = until
    self.lanes = lanes
    self.reuses = reuses
    self.verifies = verifies
    self.facts = facts
    self.code = code
    self.reproduces = reproduces
    self.origins = origins
    self.trial = trial
  }
}

/// A trial of an experiment of the same store.
package struct TrialReference: Sendable, Equatable {
  /// Its number.
  package var experiment: Int
  package var name: String
  package var trial: Int

  package init(experiment: Int, name: String, trial: Int) {
    self.experiment = experiment
    self.name = name
    self.trial = trial
  }
}

/// Something about the machine or the process that a result should not depend on, and sometimes does.
package struct Fact: Sendable, Hashable {
  package enum Group: String, Sendable, CaseIterable {
    /// Processor, cores.
    case machine
    /// Kernel, C library, distribution.
    case system
    /// Language, number format, time zone.
    case locale
    /// What numerical libraries take their number of threads from.
    case threads
    /// Any other environment variable. A value that may be a secret is given as a digest.
    case variable
  }

  package var group: Group
  package var name: String
  package var value: String

  package init(_ group: Group, _ name: String, _ value: String) {
    self.group = group
    self.name = name
    self.value = value
  }
}

/// An identity of code and what it was computed from.
package struct CodeRecord: Sendable, Equatable {
  package var code: Digest
  /// Where the plugin was.
  package var path: String
  package var parts: [CodePart]

  package init(code: Digest, path: String, parts: [CodePart]) {
    self.code = code
    self.path = path
    self.parts = parts
  }
}

// MARK: as text

extension Fact {
  /// `group<tab>name<tab>value`, one per line; tabs and line breaks become spaces.
  package static func text(_ facts: [Fact]) -> String {
    Lines.text(facts.map { [$0.group.rawValue, $0.name, $0.value] })
  }

  /// Lines of another form are left out.
  package static func facts(_ text: String) -> [Fact] {
    Lines.fields(text, 3).compactMap { fields in Group(rawValue: fields[0]).map { Fact($0, fields[1], fields[2]) } }
  }
}

extension CodeRecord {
  package var text: String { Lines.text(parts.map { [$0.kind.rawValue, $0.name, $0.identity] }) }

  package init(code: Digest, path: String, text: String) {
    self.init(
      code: code, path: path,
      parts: Lines.fields(text, 3).compactMap { fields in
        CodePart.Kind(rawValue: fields[0]).map { CodePart($0, fields[1], fields[2]) }
      })
  }
}

private enum Lines {
  static func text(_ rows: [[String]]) -> String {
    rows.map { $0.map(clean).joined(separator: "\t") + "\n" }.joined()
  }

  static func fields(_ text: String, _ count: Int) -> [[String]] {
    text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      return fields.count == count ? fields : nil
    }
  }

  private static func clean(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 < 0x20 }) else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
  }
}
