internal import Events
internal import Knowledge
internal import Spaces
internal import Values

/// What an experiment knows of itself and of others, as rows of the ledger.
extension Entry {
  static func put(_ description: Description, into row: inout LogRow) {
    row.kind = "described"
    row.text = description.json.compact
  }

  /// Numbers: relation, uses, trials left out, entries, similarity, coordinates of a point; then each trial with number, value and
  /// coordinates.
  static func put(_ learnt: Learnt, into row: inout LogRow) {
    let width = learnt.observations.first?.point.coordinates.count ?? 0
    row.kind = "learnt"
    row.numbers = [
      Double(code(learnt.relation)), Double(learnt.uses.rawValue), Double(learnt.leftOut),
      Double(learnt.origin.entries), learnt.similarity ?? .nan, Double(width),
    ]
    for one in learnt.observations {
      row.numbers += [Double(one.trial), one.value]
      row.numbers += one.point.coordinates
    }
    let origin = learnt.origin
    row.text =
      JSON.object([
        .init("experiment", .string(origin.label)), .init("name", .string(origin.name)),
        .init("uid", .string(origin.uid)), .init("digest", .string(origin.digest)),
        .init("features", .object(learnt.features.keys.sorted().map { .init($0, .float(learnt.features[$0] ?? 0)) })),
      ]).compact
  }

  static func knowledge(_ row: LogRow) -> Fact? {
    if row.kind == "imported" {
      let parts = row.text.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 3, let number = row.numbers.first.flatMap({ Int(exactly: $0) }) else { return nil }
      return .imported(Imported(file: parts[2], by: parts[1], number: number, digest: parts[0]))
    }
    guard let json = try? JSON.parse(row.text) else { return nil }
    if row.kind == "described" { return Description(json: json).map(Fact.described) }
    return learnt(row.numbers, json).map(Fact.learnt)
  }

  private static func learnt(_ numbers: [Double], _ json: JSON) -> Learnt? {
    guard numbers.count >= 6, let label = json["experiment"]?.asString, let name = json["name"]?.asString,
      let uid = json["uid"]?.asString, let digest = json["digest"]?.asString,
      let relation = Int(exactly: numbers[0]).flatMap(relation), let uses = Int(exactly: numbers[1]),
      let leftOut = Int(exactly: numbers[2]), let entries = Int(exactly: numbers[3]),
      let width = Int(exactly: numbers[5]), width >= 0, width < numbers.count,
      (numbers.count - 6).isMultiple(of: width + 2)
    else { return nil }
    var observations: [Learnt.Observation] = []
    for place in stride(from: 6, to: numbers.count, by: width + 2) {
      guard let trial = Int(exactly: numbers[place]) else { return nil }
      let point = Point(Array(numbers[place + 2..<place + 2 + width]))
      observations.append(Learnt.Observation(trial, point, numbers[place + 1]))
    }
    var features: [String: Double] = [:]
    for member in json["features"]?.asObject ?? [] { features[member.name] = member.value.asDouble }
    return Learnt(
      Learnt.Origin(label: label, name: name, uid: uid, entries: entries, digest: digest), relation,
      PastExperiment.Uses(rawValue: uses), similarity: numbers[4].isNaN ? nil : numbers[4], features: features,
      observations: observations, leftOut: leftOut)
  }

  static func code(_ relation: PastExperiment.Relation) -> Int {
    switch relation {
    case .none: 0
    case .related: 1
    case .sameProblem: 2
    }
  }

  static func relation(_ code: Int) -> PastExperiment.Relation? {
    switch code {
    case 0: PastExperiment.Relation.none
    case 1: .related
    case 2: .sameProblem
    default: nil
    }
  }
}
