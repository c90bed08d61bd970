internal import ArgumentParser
internal import Traces
internal import Values
internal import Workspace

/// Which workflow, with which inputs: the same for `plan` and `run`.
struct RequestOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The document.", valueName: "file"))
  var file: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The workflow, where the document has several.", valueName: "name"))
  var workflow: String?

  @Option(
    name: .shortAndLong, parsing: .singleValue,
    help: ArgumentHelp(
      "An input (name=value) or the variant of a step (step=variant). May be repeated.", valueName: "name=value"))
  var set: [String] = []

  @Option(name: .long, help: ArgumentHelp("Inputs from a JSON file with one object.", valueName: "file.json"))
  var inputs: String?

  @Option(
    name: .long, help: ArgumentHelp("Run what this step needs, and the step, but nothing after it.", valueName: "step"))
  var until: String?

  @Flag(name: .long, help: "Run everything, even what is known already.")
  var noReuse = false

  @Option(name: .long, help: ArgumentHelp("Seed of all random numbers.", valueName: "n"))
  var seed: UInt64 = 0

  func validate() throws {
    for assignment in set {
      guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
        throw ValidationError("--set wants name=value, not `\(assignment)`")
      }
    }
  }

  var request: RunRequest {
    var request = RunRequest(file: file)
    request.workflow = workflow
    request.assignments = set
    request.inputsFile = inputs
    request.until = until
    request.reuses = !noReuse
    request.seed = seed
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
