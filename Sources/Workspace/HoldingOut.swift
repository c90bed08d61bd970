internal import Diagnostics
internal import Events
internal import Execution
internal import Experiments
internal import Foundation
internal import Plans
internal import Spaces
internal import Traces
internal import Values
internal import Workflows

/// What an experiment holds out, and what its trials see instead.
struct HeldOut {
  struct Datum {
    /// For people: the input, or how a step names it.
    let name: String
    let span: Span
    /// Files with their digests.
    let value: Value
    let isTable: Bool
  }

  let file: SourceFile
  /// Inputs with what is held out for them.
  let data: [Datum]
  /// All data that trials read.
  let seen: [Datum]
  /// What is held out, by its content. Constants, such as the number of a fold, say nothing without the data of the study.
  let seals: [String]

  /// Nil when nothing is held out.
  init?(_ program: Program, _ definition: Definition, _ artifacts: [RunArtifact]) throws(WorkspaceError) {
    let experiment = definition.experiment
    guard !experiment.heldOut.isEmpty else { return nil }
    let workflow = program.workflows[experiment.workflow]
    let values = Dictionary(artifacts.map { ($0.reference, $0.value) }) { first, _ in first }
    let plan: Plan
    do throws(PlanError) {
      plan = try Plan(program, workflow: experiment.workflow, variants: [:], artifacts: values)
    } catch {
      throw WorkspaceError(.usage, error.message, help: error.help)
    }
    func datum(_ name: String, _ expression: Workflows.Expression, _ type: ValueType) throws(WorkspaceError) -> Datum {
      do {
        return Datum(
          name: name, span: expression.span, value: try plan.value(of: expression).withDigests(), isTable: type.isCSV)
      } catch let error as PlanError {
        throw WorkspaceError(.usage, "`\(name)`: \(error.message)", help: error.help)
      } catch {
        throw WorkspaceError(.notFound, "`\(name)`: \((error as? WorkspaceError)?.message ?? "\(error)")")
      }
    }
    func type(_ input: String) -> ValueType { workflow.inputs.first { $0.name == input }?.type ?? .any }
    var held: [Datum] = []
    for argument in experiment.heldOut { held.append(try datum(argument.name, argument.value, type(argument.name))) }
    var seen: [Datum] = []
    var given = Set(experiment.inputs.map(\.name))
    for argument in experiment.inputs {
      seen.append(try datum(argument.name, argument.value, type(argument.name)))
    }
    for (place, parameter) in experiment.parameters.enumerated() {
      guard case .input(let name) = parameter.target else { continue }
      given.insert(name)
      guard case .choices(let choices) = definition.space.parameters[place].domain else { continue }
      for choice in choices {
        let value = (try? choice.withDigests()) ?? choice
        seen.append(Datum(name: name, span: parameter.span, value: value, isTable: type(name).isCSV))
      }
    }
    for input in workflow.inputs where !given.contains(input.name) {
      if let value = input.default { seen.append(try datum(input.name, value, input.type)) }
    }
    var walk = WorkflowWalk(program)
    walk.visit(experiment.workflow)
    for source in walk.sources {
      if let known = try? datum("a step", source, source.type) { seen.append(known) }
    }
    file = experiment.file
    data = held
    self.seen = seen
    let contents = held.compactMap { $0.value.seal }
    if contents.isEmpty {
      let all = seen.compactMap { $0.value.seal }.sorted() + held.map { "\($0.name)=\($0.value)" }
      var hasher = Hasher256()
      hasher.update(all.joined(separator: "\n"))
      seals = ["sha256:\(hasher.digest().hex)"]
    } else {
      seals = contents
    }
  }

  /// The digests of files: the trace knows who read them.
  var digests: [Digest] {
    data.compactMap { if case .file(let file) = $0.value { file.digest } else { nil } }
  }

  /// An error where trials see the very content that is held out.
  func check() throws(WorkspaceError) {
    for one in data {
      guard let seal = one.value.seal, let same = seen.first(where: { $0.value.seal == seal }) else { continue }
      throw WorkspaceError(
        .document, "trials see what is held out",
        diagnostics: [
          Diagnostic(
            "E1014", "trials see what is held out", at: .init(file, one.span, "the same content as `\(same.name)`"),
            help: "hold out data that nothing of the search reads")
        ])
    }
  }

  /// Rows that are held out and stand in what trials read, where both are tables with the same columns; nil: nothing could be
  /// compared.
  func overlap() -> Confirmed.Overlap? {
    let sources = seen.compactMap { RowDigests($0.value, isTable: $0.isTable) }
    var found: Confirmed.Overlap?
    for one in data {
      guard let rows = RowDigests(one.value, isTable: one.isTable) else { continue }
      let like = sources.filter { $0.header == rows.header }
      guard !like.isEmpty else { continue }
      let known = like.reduce(into: Set<Int>()) { $0.formUnion($1.rows) }
      let count = rows.rows.count { known.contains($0) }
      found = Confirmed.Overlap(rows: (found?.rows ?? 0) + count, of: (found?.of ?? 0) + rows.rows.count)
    }
    return found
  }

  func warnings() -> [Diagnostic] {
    guard let overlap = overlap(), overlap.rows > 0, let first = data.first else { return [] }
    return [
      Diagnostic(
        "W1006", .warning,
        "\(overlap.rows) of the \(overlap.of) rows that are held out are also in data that trials read",
        at: .init(file, first.span, "not only here"),
        help: "take them out on one side: numbers on known rows are too good")
    ]
  }
}

/// The rows of a table, each by a number that only equal rows share.
struct RowDigests {
  /// Larger files are not read.
  private static let most: Int64 = 256 << 20
  let header: [UInt8]
  let rows: [Int]

  /// Nil for what is no table, or too large a one.
  init?(_ value: Value, isTable: Bool) {
    switch value {
    case .file(let file):
      let isText =
        isTable || file.mediaType == "text/csv" || [".csv", ".tsv"].contains { file.path.hasSuffix($0) }
      guard isText, file.size <= Self.most,
        let data = try? Data(contentsOf: URL(filePath: file.path), options: .mappedIfSafe)
      else { return nil }
      (header, rows) = data.withUnsafeBytes { Self.lines($0) }
    case .table(let table):
      guard table.rowCount * max(table.schema.children.count, 1) <= 5_000_000 else { return nil }
      header = Array(table.schema.children.map(\.name).joined(separator: "\n").utf8)
      rows = table.rows.map { $0.compact.hashValue }
    default: return nil
    }
  }

  /// Lines stand for rows: of a text over several lines each counts as one.
  private static func lines(_ bytes: UnsafeRawBufferPointer) -> (header: [UInt8], rows: [Int]) {
    var header: [UInt8]?
    var rows: [Int] = []
    var start = 0
    while start < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
      let length = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.count
      var line = UnsafeRawBufferPointer(rebasing: rest[..<length])
      if line.last == UInt8(ascii: "\r") { line = UnsafeRawBufferPointer(rebasing: line.dropLast()) }
      start += length + 1
      guard !line.isEmpty else { continue }
      guard header != nil else {
        header = Array(line)
        continue
      }
      var hasher = Hasher()
      hasher.combine(bytes: line)
      rows.append(hasher.finalize())
    }
    return (header ?? [], rows)
  }
}

extension Value {
  /// By its content alone; nil for what is no data.
  fileprivate var seal: String? {
    switch self {
    case .file(let file), .directory(let file): file.digest.map { "sha256:\($0.hex)" }
    case .bytes, .tensor, .table: contentDigest().map { "sha256:\($0.hex)" }
    default: nil
    }
  }
}

extension ValueType {
  fileprivate var isCSV: Bool {
    switch self {
    case .file("csv"): true
    case .optional(let type): type.isCSV
    default: false
    }
  }
}

extension Experiment {
  /// Artifacts that trials have nothing to do with.
  var sealedReferences: Set<String> {
    Set(heldOut.compactMap { if case .artifact(let name) = $0.value.kind { name } else { nil } })
  }
}

// MARK: Looks

extension Workspace {
  /// A look at what is held out, or a run that read it all the same.
  struct Look {
    let experiment: Int?
    let trial: Int?
    let run: Int64?
  }

  /// Who looked at what is held out so far: each run counts once, also if forks have it on record, too.
  func looks(at held: HeldOut) throws(WorkspaceError) -> [Look] {
    var looks: [Look] = []
    var runs: Set<Int64> = []
    do throws(TraceError) {
      for (experiment, row) in try experimentLedger().rows(of: Confirmed.kind) {
        guard let confirmed = Confirmed(row), confirmed.seals.contains(where: held.seals.contains) else { continue }
        if let run = confirmed.run, !runs.insert(run).inserted { continue }
        looks.append(Look(experiment: experiment, trial: confirmed.trial, run: confirmed.run))
      }
      guard let trace = try? openStore()?.trace else { return looks }
      for digest in held.digests {
        for run in try trace.readers(of: digest) where runs.insert(run).inserted {
          // A confirmation that was cut off before its result was on record told nobody anything.
          let trial = try trace.circumstances(of: run)?.trial
          if let trial, looks.contains(where: { $0.experiment == trial.experiment && $0.trial == trial.trial }) {
            continue
          }
          looks.append(Look(experiment: trial?.experiment, trial: trial?.trial, run: run))
        }
      }
    } catch {
      throw WorkspaceError(error)
    }
    return looks
  }
}
