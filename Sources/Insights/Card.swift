package import Experiments
package import Statistics
package import Values
internal import Workflows

/// An experiment on a page: what it was for, what it searched, what it cost, what it found and how far that can be trusted.
/// What there is nothing to say about is not there.
package struct Card: Sendable {
  /// What the record says besides the log.
  package struct Source: Sendable {
    package struct Datum: Sendable {
      package var name: String
      package var text: String
      package var digest: Digest?
      package init(name: String, text: String, digest: Digest?) {
        self.name = name
        self.text = text
        self.digest = digest
      }
    }
    package var number = 0
    package var uid = ""
    package var file = ""
    /// Of the documents on record: `sha256:…`.
    package var documents = ""
    package var started = ""
    package var ended = ""
    package var user = ""
    package var host = ""
    package var engine = ""
    package var reason = ""
    package var elapsed: Double?
    package var data: [Datum] = []
    /// Who decided what, when and why; `isDeviation`: the search is another one since then.
    package var decisions: [(at: String, by: String, what: String, isDeviation: Bool)] = []
    /// What makes the numbers too good, going by the runs.
    package var leaks: [String] = []
    package var remarks: [(by: String, text: String)] = []
    /// Earlier experiments that this one continues, or of the same name.
    package var ancestors: [ExperimentComparison.Subject] = []
    package init() {}
  }

  package enum Block: Sendable {
    case facts([(name: String, value: String)])
    case table(columns: [(title: String, isNumber: Bool)], rows: [[String]])
    case list([String])
    case text(String)
    /// SVG, and in a few words what it shows.
    case figure(String, String)
  }

  package struct Section: Sendable {
    package let title: String
    package let blocks: [Block]
  }

  package let title: String
  package let intent: String
  package let sections: [Section]
  let study: Study
  let source: Source
  let board: Board?
  let front: Front?

  package init(_ study: Study, _ source: Source) {
    let experiment = study.definition.experiment
    self.study = study
    self.source = source
    title = "\(experiment.name), experiment \(source.number)"
    intent = experiment.intent
    let course = Course(study, elapsed: source.elapsed)
    let board = study.definition.objectives.first.map { Board(Evidence(study), metric: $0) }
    let front = study.definition.objectives.count > 1 ? Front(study, metrics: study.definition.objectives) : nil
    (self.board, self.front) = (board, front)
    let writer = CardWriter(study: study, source: source, course: course)
    var sections = [Section("Summary", writer.summary(board))]
    sections.append(Section("Data", writer.data()))
    sections.append(Section("Space", writer.space()))
    sections.append(Section("Metrics", writer.metrics()))
    sections.append(Section("Fixed beforehand", writer.registration()))
    sections.append(Section("Course", writer.stages()))
    if let board {
      sections.append(Section("Best", writer.best(board)))
      sections.append(Section("Held out", writer.heldOut(board)))
    }
    if let front { sections.append(Section("Trade-offs", writer.front(front))) }
    if let sensitivity = Sensitivity(study) {
      sections.append(Section("What matters", writer.sensitivity(sensitivity)))
    }
    sections.append(Section("Decisions", writer.decisions()))
    sections.append(Section("Findings", writer.findings()))
    sections.append(Section("Remarks", writer.remarks()))
    sections.append(Section("Compared with earlier experiments", writer.ancestors()))
    self.sections = sections.filter { !$0.blocks.isEmpty }
  }
}

extension Card.Section {
  fileprivate init(_ title: String, _ blocks: [Card.Block]) {
    self.title = title
    self.blocks = blocks.filter { !$0.isEmpty }
  }
}

extension Card.Block {
  fileprivate var isEmpty: Bool {
    switch self {
    case .facts(let facts): facts.isEmpty
    case .table(_, let rows): rows.isEmpty
    case .list(let items): items.isEmpty
    case .text(let text), .figure(let text, _): text.isEmpty
    }
  }
}

extension Words {
  /// `0.9903 [0.9872, 0.9934]`, with as many digits as are known.
  package static func estimate(_ value: Double, _ interval: Interval?) -> String {
    guard let interval, interval.upper - interval.lower > 1e-9 * value.magnitude else { return number(value) }
    let digits = decimals(for: (interval.upper - interval.lower) / 2)
    return "\(fixed(value, digits)) [\(fixed(interval.lower, digits)), \(fixed(interval.upper, digits))]"
  }

  /// How a row stands to the best, as a column says it.
  package static func standing(_ row: Board.Row) -> String {
    switch row.standing {
    case .best: "best"
    case .tied: "tied" + (row.p.map { ", p \(p($0))" } ?? "")
    case .worse:
      (row.behind.map { "worse by \(number(abs($0)))" } ?? "worse") + (row.p.map { ", p \(p($0))" } ?? "")
    case .once: "measured once"
    case .beyond: "beyond a limit"
    }
  }

  /// Places as a table shows them: ties share the first.
  package static func ranks(_ rows: [Board.Row]) -> [String] {
    let isTied = rows.count(where: \.isTop) > 1
    return rows.enumerated().map { place, row in
      row.isTop && isTied ? "1=" : row.standing == .beyond ? "–" : "\(place + 1)"
    }
  }
}
