package import Experiments
package import Statistics
internal import Workflows

/// Two experiments: what they searched, what it cost, what they found and how soon.
package struct ExperimentComparison: Sendable {
  package struct Side: Sendable {
    package let number: Int
    package let name: String
    package let status: String
    package let trials: Int
    package let failed: Int
    package let taskSeconds: Double
    package let elapsed: Double?
    package let best: Board.Row?
    package let improvements: [Course.Step]
    package let strategies: [String]
  }

  /// A parameter that is not the same in both; nil: not there.
  package struct Parameter: Sendable {
    package let name: String
    package let first: String?
    package let second: String?
  }

  package let sides: [Side]
  /// The name of the metric by which they are compared.
  package let metric: String?
  package let isMaximized: Bool
  package let parameters: [Parameter]
  package let sameParameters: Int
  /// The best so far after so many trials, of both.
  package let marks: [(trials: Int, first: Double?, second: Double?)]
  /// How many trials each took to be as good as the worse of the two bests.
  package let trialsToReach: (target: Double, first: Int?, second: Int?)?
  /// Of the bests of both: second minus first, in the direction in which less is better; nil where one was measured once.
  package let test: TestResult?
  package let notes: [String]

  package struct Subject: Sendable {
    package var number: Int
    package var study: Study
    package var elapsed: Double?
    package init(number: Int, study: Study, elapsed: Double?) {
      self.number = number
      self.study = study
      self.elapsed = elapsed
    }
  }

  package init(_ first: Subject, _ second: Subject) {
    let subjects = [first, second]
    let metrics = subjects.map { subject in
      subject.study.definition.objectives.first.map { subject.study.definition.experiment.metrics[$0] }
    }
    var notes: [String] = []
    let isComparable = metrics[0]?.name == metrics[1]?.name && metrics[0]?.isMaximized == metrics[1]?.isMaximized
    if !isComparable { notes.append("they optimise different metrics: their values are not compared") }
    metric = isComparable ? metrics[0]?.name : nil
    isMaximized = metrics[0]?.isMaximized ?? false
    let courses = subjects.map { Course($0.study, elapsed: $0.elapsed) }
    let boards = subjects.map { subject in
      subject.study.definition.objectives.first.map { Board(Evidence(subject.study), metric: $0) }
    }
    sides = subjects.indices.map { Self.side(subjects[$0], courses[$0], boards[$0]) }
    (parameters, sameParameters) = Self.spaces(first.study, second.study)
    if !parameters.isEmpty, isComparable {
      notes.append("their spaces differ: the better one may only have searched where better ones are")
    }
    marks = isComparable ? Self.marks(courses, subjects) : []
    trialsToReach = isComparable ? Self.reach(courses, maximized: isMaximized) : nil
    test = isComparable ? Self.test(subjects) : nil
    self.notes = notes
  }

  private static func side(_ subject: Subject, _ course: Course, _ board: Board?) -> Side {
    let study = subject.study
    return Side(
      number: subject.number, name: study.definition.experiment.name, status: study.word, trials: study.trials.count,
      failed: course.failed, taskSeconds: study.taskSeconds, elapsed: subject.elapsed, best: board?.rows.first,
      improvements: course.improvements,
      strategies: study.definition.experiment.stages.compactMap { stage in
        guard case .search(let search) = stage.kind else { return nil }
        return "\(stage.name): \(search.strategy.name)" + (search.trials.map { "(\($0))" } ?? "")
      })
  }

  private static func spaces(_ a: Study, _ b: Study) -> ([Parameter], Int) {
    func domains(_ study: Study) -> [(String, String)] {
      study.definition.experiment.parameters.map { ($0.name, Words.domain($0.domain)) }
    }
    let (one, two) = (domains(a), domains(b))
    let second = Dictionary(two) { first, _ in first }
    let names = one.map(\.0) + two.map(\.0).filter { name in !one.contains { $0.0 == name } }
    let first = Dictionary(one) { first, _ in first }
    let different = names.filter { first[$0] != second[$0] }
    return (
      different.map { Parameter(name: $0, first: first[$0], second: second[$0]) }, names.count - different.count
    )
  }

  private static func marks(_ courses: [Course], _ subjects: [Subject]) -> [(Int, Double?, Double?)] {
    let counts = subjects.map(\.study.trials.count)
    let most = counts.max() ?? 0
    var steps: [Int] = []
    for step in [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000] where step < most {
      steps.append(step)
    }
    if most > 0 { steps.append(most) }
    return steps.map { step in
      (
        step, counts[0] >= step || step == most ? courses[0].best(after: step) : nil,
        counts[1] >= step || step == most ? courses[1].best(after: step) : nil
      )
    }
  }

  private static func reach(_ courses: [Course], maximized: Bool) -> (Double, Int?, Int?)? {
    guard let one = courses[0].improvements.last?.value, let two = courses[1].improvements.last?.value else {
      return nil
    }
    let target = maximized ? min(one, two) : max(one, two)
    func trials(_ course: Course) -> Int? {
      course.improvements.first { maximized ? $0.value >= target : $0.value <= target }?.place
    }
    return (target, trials(courses[0]), trials(courses[1]))
  }

  private static func test(_ subjects: [Subject]) -> TestResult? {
    let values = subjects.compactMap { subject -> (Measured, Repeats)? in
      guard let metric = subject.study.definition.objectives.first else { return nil }
      let evidence = Evidence(subject.study)
      guard let best = Board(evidence, metric: metric).rows.first, let candidate = evidence.candidate(of: best.trial)
      else { return nil }
      return (evidence.measured(candidate, metric), evidence.repeats)
    }
    guard values.count == 2 else { return nil }
    let (one, two) = (values[0].0.values.values.sorted(), values[1].0.values.values.sorted())
    return TTest.unpaired(two, one, values[0].1 == .independent ? values[1].1 : values[0].1)
  }
}

extension Study {
  /// `open`, `paused`, or how it ended.
  package var word: String {
    if let closing { return closing.status.rawValue }
    return isPaused ? "paused" : "open"
  }
}
