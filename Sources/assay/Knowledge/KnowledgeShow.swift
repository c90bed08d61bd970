internal import ArgumentParser
internal import Events
internal import Experiments
internal import Knowledge
internal import Values
internal import Workspace

struct KnowledgeShow: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show all that one experiment taught, and what it learnt itself.",
    discussion: """
      EXAMPLES:
        assay knowledge show
        assay knowledge show churn_q3
        assay knowledge show i3 --json
      """)

  @Argument(help: ArgumentHelp("Its number or name (default: the newest).", valueName: "experiment"))
  var experiment: String?

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let all = try workspace.known()
    guard let one = try experiment.map({ (name) throws(WorkspaceError) in try workspace.known(name) }) ?? all.first
    else {
      throw WorkspaceError(.notFound, "nothing is known yet", help: "`assay exp run FILE` makes an experiment")
    }
    let lessons = Lessons(one.study)
    let pupils = all.filter { other in other.study.learnt.contains { $0.origin.uid == one.record.uid } }
    if console.json {
      let members = KnowledgeText.members(one, lessons) + more(one, lessons, pupils)
      console.document("assay.knowledge.experiment/1", members)
      return ok
    }
    for (title, lines) in sections(one, lessons, pupils) {
      for (place, line) in lines.enumerated() {
        let head = place == 0 ? title : ""
        Output.data(Text.harmless(head.padding(to: 12) + line))
      }
    }
    return ok
  }

  private func sections(
    _ one: KnownExperiment, _ lessons: Lessons, _ pupils: [KnownExperiment]
  ) -> [(String, [String])] {
    let (study, record) = (one.study, one.record)
    let description = study.description
    var head = ["\(one.label) (\(record.name)), \(Times.local(unixNanoseconds: record.startedAt)) by \(record.user)"]
    if let imported = study.imported {
      head.append("imported from \(imported.file): experiment \(imported.number) of \(imported.by)")
    }
    if study.isForgotten { head.append("forgotten: \(study.forgottenBecause)") }
    let importance = lessons.importance.prefix(8).map {
      "\(KnowledgeText.percent($0.share)) \($0.name)" + ($0.share <= $0.chance ? " (no more than chance)" : "")
    }
    var sections: [(String, [String])] = [
      ("experiment", head), ("intent", [description.intent].filter { !$0.isEmpty }),
    ]
    sections.append(("tags", description.tags.isEmpty ? [] : [description.tags.joined(separator: ", ")]))
    sections.append(("data", description.data.map(KnowledgeText.data)))
    let tasks = description.workflow.tasks
    sections.append(("tasks", tasks.isEmpty ? [] : [tasks.joined(separator: ", ")]))
    sections.append(("trials", [KnowledgeText.outcomes(study)]))
    sections.append(("best", lessons.ranking.prefix(3).compactMap { KnowledgeText.trial($0, study) }))
    sections.append(("front", lessons.front.prefix(10).compactMap { KnowledgeText.trial($0, study) }))
    sections.append(("importance", importance))
    sections.append(("found", lessons.findings.map(\.sentence)))
    let idle = lessons.unimportant.joined(separator: ", ")
    sections.append(("suggested", idle.isEmpty ? [] : ["leave out or fix: \(idle)"]))
    sections.append(("learnt from", study.learnt.map(KnowledgeText.line)))
    let worth = lessons.assessment.map { KnowledgeText.lines($0, description.objective) }
    sections.append(("knowledge", worth ?? []))
    sections.append(("lent to", pupils.map { "\($0.label) (\($0.record.name))" }))
    let decisions = study.decisions.map { "\($0.actor.name): \($0.decision.words)" }
    sections.append(("decisions", decisions))
    sections.append(("ended", study.closing.map { ["\($0.status.rawValue): \($0.reason)"] } ?? []))
    return sections.filter { !$0.1.isEmpty }
  }

  private func more(_ one: KnownExperiment, _ lessons: Lessons, _ pupils: [KnownExperiment]) -> [JSON.Member] {
    let study = one.study
    var members: [JSON.Member] = [
      .init("description", study.description.json), .init("entries", .int(Int64(study.count))),
      .init("digest", .string(one.digest)),
      .init("front", .array(lessons.front.map { .int(Int64($0)) })),
      .init("lent_to", .array(pupils.map { .string($0.label) })),
      .init("knowledge", JSON.knowledge(study.learnt, lessons.assessment, study.description.objective)),
      .init(
        "decisions",
        .array(
          study.decisions.map { at, actor, decision in
            .object([
              .init("at", .string(Times.iso(unixNanoseconds: at))), .init("by", .string(actor.name)),
              .init("what", .string(decision.words)), .init("basis", .int(Int64(decision.basis))),
            ])
          })),
    ]
    if let imported = study.imported {
      members.append(
        .init(
          "imported",
          .object([
            .init("file", .string(imported.file)), .init("by", .string(imported.by)),
            .init("number", .int(Int64(imported.number))), .init("digest", .string(imported.digest)),
          ])))
    }
    return members
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    count < width ? self + String(repeating: " ", count: width - count) : self
  }
}
