import Events
import Experiments
import Logs
import Spaces
import Testing

@Suite struct ExperimentEventTests {
  private let record = ExperimentRecord(
    number: 3, uid: "ab", name: "tune", file: "a.assay", documents: [], startedAt: 1, user: "ada", host: "h",
    engine: "0",
    parent: (1, 2), reason: "why")
  private let ada = Actor(.person, "ada")

  @Test func trialsDecisionsAndStagesAreEvents() throws {
    let entries = [
      Entry(at: 10, actor: .engine, .stage(0, .began(evidence: ""))),
      Entry(at: 20, actor: .engine, .proposed(Proposed(trial: 1, stage: 0, point: Point([1]), reason: "first"))),
      Entry(
        at: 50, actor: .engine,
        .ended(Ended(trial: 1, .finished, metrics: [0.5, nil], run: 7, taskSeconds: 2))),
      Entry(at: 60, actor: ada, .decided(Decision(.exclude(trial: 1, true), reason: "odd", basis: 3))),
      Entry(at: 70, actor: .engine, .proposed(Proposed(trial: 2, stage: 0, point: Point([2]), reason: "next"))),
      Entry(at: 80, actor: .engine, .closed(Closing(.finished, "all stages ended"))),
    ]
    var names = LoggedExperiment.Names()
    names.stages = ["search"]
    names.metrics = ["auc", "loss"]
    names.configurations = [1: [("x", "1")]]
    let logged = LoggedExperiment(record, entries, names, line: "main")
    #expect(logged.events.map(\.type) == ["stage", "trial", "decision", "closed"])
    #expect(logged.events.map(\.id) == ["entry:3/1", "entry:3/3", "entry:3/4", "entry:3/6"])
    let trial = logged.events[1]
    #expect(trial.startedAt == 20 && trial.at == 50)
    #expect(trial.attributes.contains(LogAttribute("metric.auc", .float(0.5))))
    #expect(!trial.attributes.contains { $0.name == "metric.loss" })
    #expect(trial.relations.contains(LogRelation("run", "run:7")))
    #expect(trial.relations.contains(LogRelation("trial", "trial:3/1")))
    let decision = logged.events[2]
    #expect(decision.resource == "ada")
    #expect(decision.attributes.contains(LogAttribute("operation", .string("exclude"))))
    #expect(decision.attributes.contains(LogAttribute("reason", .string("odd"))))
    #expect(decision.relations.contains(LogRelation("by", "person:ada")))
    #expect(decision.relations.contains(LogRelation("trial", "trial:3/1")))
    #expect(logged.people == ["ada"])
    #expect(logged.runs == [7: 1])
    #expect(logged.objects.map(\.id) == ["experiment:3", "trial:3/1", "trial:3/2"])
    #expect(logged.objects[1].attributes.contains(LogAttribute("configuration.x", .string("1"))))
    #expect(logged.objects[2].attributes.contains(LogAttribute("outcome", .string("running"))))
  }

  @Test func withoutItsDefinitionThingsAreNumbered() {
    let entries = [
      Entry(at: 20, actor: .engine, .proposed(Proposed(trial: 1, stage: 0, point: Point([1]), reason: "first"))),
      Entry(at: 50, actor: .engine, .ended(Ended(trial: 1, .failed, metrics: [0.5], message: "boom"))),
    ]
    let logged = LoggedExperiment(record, entries, LoggedExperiment.Names(), line: "main")
    #expect(logged.events.map(\.type) == ["trial"])
    #expect(logged.events[0].attributes.contains(LogAttribute("metric.1", .float(0.5))))
    #expect(logged.events[0].attributes.contains(LogAttribute("message", .string("boom"))))
  }
}
