package import Values

/// How long the logs of a store were at a moment, and what they said: kept elsewhere, it shows what was taken away or written
/// again since. Text, a line a fact, so that it can be signed and read.
package struct LedgerCheckpoint: Sendable, Equatable {
  /// `2026-11-21T10:24:05Z`.
  package var time: String
  package var chains: [LedgerChain]

  package init(time: String, chains: [LedgerChain]) {
    self.time = time
    self.chains = chains
  }

  private static let heading = "assay checkpoint 1"

  /// Of the beginning of its first experiment; nil: there was none.
  package var store: Digest? { chains.first { $0.experiment > 0 }?.beginning }

  package var text: String {
    var lines = [Self.heading, "time \(time)", "store \(store?.hex ?? "-")"]
    for chain in chains {
      lines.append("chain \(chain.experiment) \(chain.entries) \(chain.beginning?.hex ?? "-")")
      for mark in chain.marks { lines.append("entry \(chain.experiment) \(mark.entry) \(mark.hash.hex)") }
    }
    return lines.joined(separator: "\n") + "\nend\n"
  }

  /// Nil: it is none, or not whole.
  package init?(_ text: some StringProtocol) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.split(separator: " ") }[...]
    guard lines.popFirst()?.joined(separator: " ") == Self.heading, let time = lines.popFirst(), time.count == 2,
      time[0] == "time", lines.popFirst()?.first == "store"
    else { return nil }
    self.init(time: String(time[1]), chains: [])
    while let words = lines.popFirst() {
      if words == ["end"] { break }
      guard words.count == 4, let experiment = Int(words[1]), let number = Int(words[2]), number >= 0 else {
        return nil
      }
      switch words[0] {
      case "chain":
        let beginning = words[3] == "-" ? nil : Digest(hex: words[3])
        if words[3] != "-", beginning == nil { return nil }
        chains.append(LedgerChain(experiment: experiment, entries: number, beginning: beginning, marks: []))
      case "entry":
        guard let hash = Digest(hex: words[3]), let last = chains.indices.last, chains[last].experiment == experiment,
          number > chains[last].marks.last?.entry ?? 0
        else { return nil }
        chains[last].marks.append(LedgerChain.Mark(entry: number, hash: hash))
      default: return nil
      }
    }
    // What ends early, or names no last entry, would prove less than it seems to.
    guard text.hasSuffix("\nend\n"),
      chains.allSatisfy({ $0.entries == $0.marks.last?.entry ?? 0 && $0.entries >= $0.marks.count })
    else { return nil }
  }
}

/// What is wrong with the log of an experiment.
package struct LedgerProblem: Sendable, Equatable {
  package var experiment: Int
  /// The first that is wrong; nil: it is not an entry.
  package var entry: Int?
  package var text: String
}

extension ExperimentLedger {
  /// What the chains themselves show: an entry that was changed, taken out or put in.
  package func chainProblems() throws(TraceError) -> [LedgerProblem] {
    var problems = try broken().map { experiment, entry in
      LedgerProblem(
        experiment: experiment, entry: entry,
        text: "entry \(entry) does not follow from those before it: it was changed, or one was taken out")
    }
    for chain in try chains() where chain.experiment > 0 && chain.beginning == nil {
      problems.append(LedgerProblem(experiment: chain.experiment, entry: nil, text: "its beginning is gone"))
    }
    return problems
  }

  /// What a checkpoint shows: an end that was cut off, a chain that was made anew. What was added since is fine.
  package func problems(since checkpoint: LedgerCheckpoint) throws(TraceError) -> [LedgerProblem] {
    let now = Dictionary(try chains().map { ($0.experiment, $0) }) { first, _ in first }
    var problems: [LedgerProblem] = []
    for chain in checkpoint.chains {
      func tell(_ entry: Int?, _ text: String) {
        problems.append(LedgerProblem(experiment: chain.experiment, entry: entry, text: text))
      }
      let found = now[chain.experiment]
      if chain.beginning != found?.beginning {
        tell(nil, found == nil ? "it is gone" : "its beginning (name, documents, by whom) is not what it was")
      }
      let count = found?.entries ?? 0
      let hashes = try hashes(of: chain.experiment, at: chain.marks.map(\.entry))
      var last = 0
      for (mark, hash) in zip(chain.marks, hashes) where mark.entry <= count {
        if hash != mark.hash {
          let place = mark.entry == last + 1 ? "entry \(mark.entry) was" : "entries \(last + 1) to \(mark.entry) were"
          tell(last + 1, "\(place) written again")
          break
        }
        last = mark.entry
      }
      if count < chain.entries {
        let range =
          count + 1 == chain.entries ? "entry \(chain.entries) is" : "entries \(count + 1) to \(chain.entries) are"
        tell(count + 1, "\(range) gone: the log ends after entry \(count)")
      }
    }
    return problems
  }
}
