internal import ArgumentParser
internal import Traces
internal import Values
internal import Workspace

struct DatabaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "db", abstract: "Prove that the logs of experiments are what they were.",
    discussion: """
      Each entry of a log carries a hash over the one before: an entry that was changed shows. An end that was cut off, or a \
      log that was made anew, shows against a checkpoint that was kept elsewhere.

      EXAMPLES:
        assay db verify
        assay db checkpoint --key ~/.ssh/id_ed25519 > monday.txt
        assay db verify --checkpoint monday.txt --signers lab.signers
      """,
    subcommands: [DatabaseVerify.self, DatabaseCheckpoint.self])
}

struct DatabaseVerify: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Compute the hashes of all entries again, and compare with a checkpoint.",
    discussion: """
      Ends with 8 if an entry was changed, taken out or put in, or if the checkpoint says something else or is not signed \
      by who may. What was added since the checkpoint is fine. The signers are lines `NAME KEY`: `man ssh-keygen`, ALLOWED \
      SIGNERS. Without them a signature only shows that the checkpoint itself was not changed. `assay artifact verify` reads \
      artifacts and the pages of databases.

      EXAMPLES:
        assay db verify
        assay db verify --checkpoint monday.txt
        assay db verify --checkpoint monday.txt --signers lab.signers --json
      """)

  @Option(name: .long, help: ArgumentHelp("What `assay db checkpoint` wrote.", valueName: "file"), completion: .file())
  var checkpoint: String?

  @Option(name: .long, help: ArgumentHelp("Who may have signed it.", valueName: "file"), completion: .file())
  var signers: String?

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if signers != nil, checkpoint == nil { throw ValidationError("--signers needs --checkpoint") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let report = try workspace.proveLedger(checkpoint: checkpoint, signers: signers)
    if console.json {
      var members: [JSON.Member] = [
        .init("sound", .bool(report.isSound)), .init("experiments", .int(Int64(report.experiments))),
        .init("entries", .int(Int64(report.entries))), .init("problems", .array(report.problems.map(Self.json))),
      ]
      if let checkpoint = report.checkpoint { members.append(.init("checkpoint", Self.json(checkpoint))) }
      console.document("assay.db.verify/1", members)
    } else {
      tell(report, console)
    }
    return report.isSound ? ok : Status.store.rawValue
  }

  private func tell(_ report: LedgerReport, _ console: Console) {
    for problem in report.problems { Output.data(Self.words(problem)) }
    let count = "\(Text.count(report.entries, "entry", "entries")) of \(Text.count(report.experiments, "experiment"))"
    console.talk(
      report.problems.isEmpty
        ? "\(count): each follows from the one before" : "\(count): \(Text.count(report.problems.count, "problem"))")
    guard let checkpoint = report.checkpoint else { return }
    for problem in checkpoint.problems { Output.data(Self.words(problem)) }
    console.talk(
      "checkpoint of \(Text.harmless(checkpoint.time)): \(Text.count(checkpoint.entries, "entry", "entries")) of "
        + "\(Text.count(checkpoint.experiments, "experiment")), "
        + (checkpoint.problems.isEmpty ? "as they were" : Text.count(checkpoint.problems.count, "problem")))
    switch checkpoint.signature {
    case .none: console.talk("it is not signed: whoever changed the logs could have changed it too")
    case .unknown(let key):
      console.talk("it was signed with the key \(Text.harmless(key)); --signers FILE says whose that may be")
    case .good(let name): console.talk("it was signed by \(Text.harmless(name))")
    case .bad(let reason): Output.data("signature: \(Text.harmless(reason))")
    }
  }

  private static func words(_ problem: LedgerProblem) -> String {
    (problem.experiment == 0 ? "project: " : "experiment \(problem.experiment): ") + problem.text
  }

  private static func json(_ problem: LedgerProblem) -> JSON {
    [
      "experiment": .int(Int64(problem.experiment)), "entry": problem.entry.map { .int(Int64($0)) } ?? .null,
      "problem": .string(problem.text),
    ]
  }

  private static func json(_ checkpoint: LedgerReport.Checkpoint) -> JSON {
    let (word, detail) =
      switch checkpoint.signature {
      case .none: ("none", "")
      case .unknown(let key): ("unknown", key)
      case .good(let name): ("good", name)
      case .bad(let reason): ("bad", reason)
      }
    return [
      "time": .string(checkpoint.time), "experiments": .int(Int64(checkpoint.experiments)),
      "entries": .int(Int64(checkpoint.entries)), "problems": .array(checkpoint.problems.map(Self.json)),
      "signature": .string(word), "signature_detail": .string(detail),
    ]
  }
}

struct DatabaseCheckpoint: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint",
    abstract: "Print how long all logs are and the hashes of their entries, to be kept elsewhere.",
    discussion: """
      A text of some kilobytes, signed with OpenSSH when there is a key: mail it, commit it, print it. The logs have to be \
      sound. In a log of more than 256 entries hashes of evenly spaced ones are kept, so that a change is later found to \
      lie between two of them.

      EXAMPLES:
        assay db checkpoint > monday.txt
        assay db checkpoint --key ~/.ssh/id_ed25519 > monday.txt
        echo "ada@lab $(cat ~/.ssh/id_ed25519.pub)" > lab.signers
      """)

  @Option(
    name: .long, help: ArgumentHelp("The private key, or the public one of a key in an agent.", valueName: "file"),
    completion: .file())
  var key: String?

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let (text, checkpoint) = try workspace.checkpoint(key: key)
    let entries = checkpoint.chains.reduce(0) { $0 + $1.entries }
    let experiments = checkpoint.chains.count { $0.experiment > 0 }
    if console.json {
      console.document(
        "assay.db.checkpoint/1",
        [
          .init("time", .string(checkpoint.time)), .init("experiments", .int(Int64(experiments))),
          .init("entries", .int(Int64(entries))), .init("signed", .bool(key != nil)), .init("text", .string(text)),
        ])
    } else {
      Output.data(text)
      console.talk(
        "\(Text.count(entries, "entry", "entries")) of \(Text.count(experiments, "experiment")), "
          + (key == nil ? "not signed" : "signed"))
    }
    return ok
  }
}
