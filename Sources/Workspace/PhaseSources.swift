internal import Comparisons
internal import Dynamics
internal import Events
internal import Tasks
internal import Values

/// Where the parts of the keys of a step's calls come from.
struct PhaseSources {
  private var parameters: [String: Part.Source] = [:]
  /// What an argument that steps give is made of besides the first of them: its expression, inputs of the workflow, other
  /// steps. They are in no key of their own; only the value that came out is.
  private var others: [String: [(name: String, source: Part.Source, identity: Digest?)]] = [:]
  private let record: RunRecord
  private let step: StepRecord
  private let outside: OutsideContents
  private let code: [(name: String, source: Part.Source, identity: Digest)]

  init(_ record: RunRecord, _ place: Int, _ outside: OutsideContents) {
    self.record = record
    self.outside = outside
    step = record.steps[place]
    code = Self.code(record, step)
    for wire in step.wiring.wires {
      guard let source = wire.sources.lazy.compactMap({ Self.source($0, record) }).first else { continue }
      parameters[wire.parameter] = source
      if case .upstream = source { others[wire.parameter] = others(of: wire, outside) }
    }
  }

  private func others(
    of wire: Wiring.Wire, _ outside: OutsideContents
  ) -> [(name: String, source: Part.Source, identity: Digest?)] {
    var others: [(name: String, source: Part.Source, identity: Digest?)] = []
    if let text = outside.expression(of: wire.parameter, path: step.path) {
      others.append(("\(wire.parameter), as it is written", .parameter, Hasher256.digest(Array(text.utf8))))
    }
    var isFirst = true
    for given in wire.sources {
      guard let source = Self.source(given, record) else { continue }
      defer { isFirst = false }
      switch given {
      case .input(let index):
        others.append(("\(wire.parameter), input \(record.inputs[index].name)", source, record.inputs[index].identity))
      // The first one is the argument itself; the value of another changes it, too.
      case .output(let step, let port):
        if !isFirst { others.append(("\(wire.parameter), output \(step).\(port)", source, nil)) }
      }
    }
    return others
  }

  private static func source(_ source: Wiring.Source, _ record: RunRecord) -> Part.Source? {
    switch source {
    case .output(let step, _):
      return record.steps.indices.contains(step) ? .upstream(record.steps[step].path) : nil
    case .input(let index):
      guard record.inputs.indices.contains(index) else { return nil }
      return record.inputs[index].origin.isEmpty ? .parameter : .external
    }
  }

  /// The identity of code in two: the task's own, and what it stands on.
  private static func code(
    _ record: RunRecord, _ step: StepRecord
  ) -> [(name: String, source: Part.Source, identity: Digest)] {
    guard let parts = record.code(step.code)?.parts, !parts.isEmpty else { return [("code", .code, step.code)] }
    func digest(_ parts: [CodePart]) -> Digest {
      Hasher256.digest(Array(parts.map { "\($0.kind.rawValue)\t\($0.name)\t\($0.identity)\n" }.sorted().joined().utf8))
    }
    let ground: Set<CodePart.Kind> = [.runtime, .kit, .interpreter, .package]
    return [
      ("code", .code, digest(parts.filter { !ground.contains($0.kind) })),
      ("environment", .environment, digest(parts.filter { ground.contains($0.kind) })),
    ]
  }

  func parts(_ components: [(name: String, digest: Digest)]) -> [Part] {
    var parts = components.isEmpty ? [] : code.map { Part($0.name, $0.source, $0.identity) }
    for (name, digest) in components where name != "code" {
      switch name {
      case "task": parts.append(Part(name, .code, digest))
      case "seed": parts.append(Part(name, .seed, digest))
      default:
        let parameter = name.hasPrefix("inputs.") ? String(name.dropFirst("inputs.".count)) : name
        let source = parameters[parameter] ?? (outside.isNamed(by: parameter, path: step.path) ? .external : .parameter)
        parts.append(Part(name, source, digest))
        for other in others[parameter] ?? [] {
          parts.append(Part("\(name): \(other.name)", other.source, other.identity ?? digest))
        }
      }
    }
    return parts
  }
}
