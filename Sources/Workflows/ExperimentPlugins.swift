internal import Diagnostics
internal import Syntax
internal import Tasks
internal import Values

/// Strategies that are tasks of plugins, `strategy optuna.tpe(trials: 60, startup: 10)`, and pruning rules that are,
/// `prune optuna.median(startup: 8)`.
extension ExperimentChecker {
  /// Options that the engine reads itself.
  private static let taskOptions = ["timeout", "flatten"]

  func pluginStrategy(_ path: NamePath, _ value: ExpressionSyntax, _ known: [String: Int]) -> Experiment.Search? {
    let kind = Kind(name: "strategy", plural: "strategies", problem: StrategyInterface.problem)
    guard let task = task(path, kind) else { return nil }
    var search = Experiment.Search(strategy: .init(name: path.text, options: [], span: value.span))
    var rest: [ArgumentSyntax] = []
    for argument in arguments(value) {
      switch argument.name?.text {
      case "trials"?: search.trials = trials(argument)
      case "start"?: search.start = source(argument.value, known)
      default: rest.append(argument)
      }
    }
    let options = StrategyInterface.options(of: task.signature)
    read(rest, options, of: task, path, &search.strategy, more: ["trials", "start"] + Self.taskOptions)
    return search
  }

  func pluginPruning(_ path: NamePath, _ value: ExpressionSyntax) -> Experiment.Call? {
    let kind = Kind(name: "pruning rule", plural: "pruning rules", problem: JudgeInterface.problem)
    guard let task = task(path, kind) else { return nil }
    var call = Experiment.Call(name: path.text, options: [], span: value.span)
    let options = JudgeInterface.options(of: task.signature)
    read(arguments(value), options, of: task, path, &call, more: Self.taskOptions)
    requireCurve(call)
    return call
  }

  private func arguments(_ value: ExpressionSyntax) -> [ArgumentSyntax] {
    if case .call(let call) = value.kind { call.arguments } else { [] }
  }

  /// Options of a task, and those that the engine gives to all.
  private func read(
    _ arguments: [ArgumentSyntax], _ options: [Port], of installed: InstalledTask, _ path: NamePath,
    _ call: inout Experiment.Call, more: [String]
  ) {
    var task = StrategyTask(task: installed)
    let types = options.map { (name: $0.name, type: $0.isOptional ? $0.type.lifted : $0.type) }
    for argument in arguments {
      switch argument.name?.text {
      case "flatten"? where !options.contains { $0.name == "flatten" }:
        if case .bool(let flattens)? = option(argument, .bool, "flatten") { task.flattens = flattens }
      case "timeout"? where !options.contains { $0.name == "timeout" }:
        if let timeout = timeout(argument) { task.timeout = timeout }
      default: read(argument, types, path.text, &call, more: more)
      }
    }
    let given = Set(arguments.compactMap { $0.name?.text })
    for option in options where option.isRequired && !given.contains(option.name) {
      error(
        "E1007", "`\(path.text)` needs the option `\(option.name)`", at: call.span,
        "`\(option.name)` is missing", help: "add `\(option.name): …`, of type `\(option.type)`")
    }
    refuse(task, path)
    call.task = task
  }

  private struct Kind {
    var name: String
    var plural: String
    /// Why a task is none.
    var problem: (TaskSignature) -> String?
  }

  /// The task, after saying so if there is none or if it is not of this kind.
  private func task(_ path: NamePath, _ kind: Kind) -> InstalledTask? {
    switch document.callee(path, session) {
    case .broken: return nil
    case .unknown:
      checker.reading(document) { $0.reportUnknownCallee(path) }
      return nil
    case .found(let signature):
      guard case .task(let index) = signature.callee else {
        error(
          "E1011", "`\(path.text)` is a workflow, not a \(kind.name)", at: path.span, "not a task of a plugin",
          help: "\(kind.plural) of one's own are tasks: `assay explain E1011`")
        return nil
      }
      let task = session.tasks[index]
      session.note(.task(index), at: path.span, in: document)
      guard let problem = kind.problem(task.signature) else { return task }
      error(
        "E1011", "`\(path.text)` is not a \(kind.name): \(problem)", at: path.span, "a task with another purpose",
        help: "what a \(kind.name) takes and gives: `assay explain E1011`")
      return nil
    }
  }

  private func trials(_ argument: ArgumentSyntax) -> Int? {
    guard case .int(let count)? = option(argument, .int(.init(1, 1_000_000_000)), "trials") else { return nil }
    return Int(count)
  }

  private func timeout(_ argument: ArgumentSyntax) -> Duration? {
    if case .quantity = argument.value.kind, let duration = DurationLiteral.parse(file.text(argument.value.span)),
      duration > .zero
    {
      return duration
    }
    error("E1007", "`timeout` is a duration, such as `30s`", at: argument.value.span, "not a duration")
    return nil
  }

  /// A space is refused, never flattened in silence.
  private func refuse(_ strategy: StrategyTask, _ path: NamePath) {
    for parameter in experiment.parameters {
      let shape = ParameterShape(parameter)
      guard let reason = StrategyInterface.refusal(of: shape, by: strategy) else { continue }
      return error(
        "E1012", "`\(path.text)` does not know \(reason), such as `\(parameter.name)`", at: path.span,
        "cannot search this space", also: [.init(file, parameter.span, "the parameter")],
        help: reason == StrategyInterface.conditional
          ? "take a strategy that does, such as `tpe`, or show it a plain space with `flatten: true`"
          : "take a strategy that does, such as `tpe`")
    }
  }
}
