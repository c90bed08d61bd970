internal import ArgumentParser
internal import Settings
internal import Traces
internal import Values
internal import Workspace

/// Which workflow, with which inputs: the same for `plan` and `run`.
struct RequestOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The document.", valueName: "file"), completion: Candidates.documents)
  var file: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The workflow, where the document has several.", valueName: "name"),
    completion: Candidates.workflows)
  var workflow: String?

  @Option(
    name: .shortAndLong, parsing: .singleValue,
    help: ArgumentHelp(
      "An input (name=value) or the variant of a step (step=variant). May be repeated.", valueName: "name=value"),
    completion: Candidates.assignments)
  var set: [String] = []

  @Option(
    name: .long, help: ArgumentHelp("Inputs from a JSON file with one object.", valueName: "file.json"),
    completion: .file(extensions: ["json"]))
  var inputs: String?

  @Option(
    name: .long, help: ArgumentHelp("Run what this step needs, and the step, but nothing after it.", valueName: "step"),
    completion: Candidates.steps)
  var until: String?

  @Flag(
    name: .long, inversion: .prefixedNo,
    help: ArgumentHelp("Take known results of pure tasks, or run everything", setting: .reuse))
  var reuse: Bool?

  @Option(name: .long, help: ArgumentHelp("Seed of all random numbers", setting: .seed, valueName: "n"))
  var seed: UInt64?

  func validate() throws {
    for assignment in set {
      guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
        throw ValidationError("--set wants name=value, not `\(assignment)`")
      }
    }
  }

  /// Where there is no option the settings decide.
  func request(_ settings: Settings) -> RunRequest {
    var request = RunRequest(file: file, settings)
    request.workflow = workflow
    request.assignments = set
    request.inputsFile = inputs
    request.until = until
    if let reuse { request.reuses = reuse }
    if let seed { request.seed = seed }
    return request
  }
}

extension Durability: ExpressibleByArgument {}

/// A duration as the language writes it: `10s`, `5m`.
struct DurationArgument: ExpressibleByArgument {
  var duration: Duration
  init(_ duration: Duration) { self.duration = duration }
  init?(argument: String) {
    guard let duration = DurationLiteral.parse(argument) else { return nil }
    self.duration = duration
  }
  var defaultValueDescription: String { DurationLiteral.text(duration) }
}

/// An amount of memory as the language writes it: `8GiB`.
struct SizeArgument: ExpressibleByArgument {
  var bytes: Int64
  init?(argument: String) {
    guard let bytes = ByteSize.parse(argument), bytes > 0 else { return nil }
    self.bytes = bytes
  }
}
