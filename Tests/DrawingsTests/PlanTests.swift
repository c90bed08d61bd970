import Drawings
import Plans
import Testing
import Values
import Workflows

@Suite struct PlanTests {
  private func drawing(until: String? = nil) throws -> Drawing {
    let program = try #require(Sample.program(Sample.churn))
    return Drawing(try Plan(program, workflow: 0, variants: ["prep": "knn"], until: until))
  }

  /// Values are followed through calls, items and scopes to the steps that make them.
  @Test func subworkflowsAreUnfolded() throws {
    let drawing = try drawing()
    #expect(
      drawing.nodes.map(\.name) == [
        "data", "folds", "seed", "raw", "prep", "split", "fit.one.prep", "fit.one.model", "eval", "mean", "alert",
        "models", "auc",
      ])
    let edges = drawing.edges.map { edge in
      let to = drawing.nodes[edge.to]
      return "\(drawing.nodes[edge.from].name).\(edge.result) → \(to.name).\(to.parameters[edge.parameter].name)"
    }
    for edge in [
      "split.folds → fit.one.prep.table", "seed. → fit.one.model.seed", "fit.one.model.model → eval.item",
      "split.folds → eval.item", "fit.one.model.model → models.", "mean.value → alert.when", "seed. → prep.seed",
    ] {
      #expect(edges.contains(edge), "\(edge) is missing")
    }
    let inner = try #require(drawing.nodes.first { $0.name == "fit.one.model" })
    #expect(inner.badges.map(\.text) == ["foreach in fit.one"])
    #expect(inner.phase == "development")
  }

  /// Inside a scope a call waits for the one of its own item, after it everything waits for all of them.
  @Test func whatStepsWaitForReachesIntoScopes() throws {
    let program = try #require(Sample.program(Sample.churn))
    let plan = try Plan(program, workflow: 0, variants: [:], until: nil)
    let needs = plan.needs()
    let words = plan.taskSteps.indices.map { number in
      plan.step(number).path + ": "
        + needs[number].map { "\(plan.step($0.step).path)/\($0.shared)" }.joined(separator: " ")
    }
    #expect(
      words.sorted() == [
        "alert: mean/0", "eval: split/0 fit.one.model/0", "fit.one.model: fit.one.prep/1", "fit.one.prep: split/0",
        "mean: eval/0", "prep: raw/0", "raw: ", "split: prep/0",
      ])
  }

  /// What `why` walks back along: each argument to what it is made of, through scopes, items and sub-workflows.
  @Test func argumentsComeFromInputsAndOutputs() throws {
    let program = try #require(Sample.program(Sample.churn))
    let plan = try Plan(program, workflow: 0, variants: ["prep": "knn"])
    let sources = PlanSources(plan)
    var words: [String] = []
    for number in plan.taskSteps.indices {
      sources.forEach(of: number) { parameter, sources in
        let from = sources.map { source in
          switch source {
          case .input(let index): plan.inputs[index].name
          case .output(let step, let port): "\(plan.step(step).path).\(port)"
          }
        }
        words.append("\(plan.step(number).path).\(parameter) ← \(from.joined(separator: " "))")
      }
    }
    #expect(
      words.sorted() == [
        "alert.@when ← mean.0", "alert.text ← mean.0", "eval.@foreach ← fit.one.model.0 split.0",
        "eval.model ← fit.one.model.0 split.0", "eval.table ← fit.one.model.0 split.0",
        "fit.one.model.seed ← seed", "fit.one.model.table ← fit.one.prep.0", "fit.one.prep.table ← split.0",
        "mean.values ← eval.0", "prep.seed ← seed", "prep.table ← raw.0", "raw.path ← data", "split.k ← folds",
        "split.seed ← seed", "split.table ← prep.0",
      ])
  }

  @Test func whatIsNotWantedIsNotDrawn() throws {
    let names = try drawing(until: "split").nodes.filter { $0.kind == .step }.map(\.name)
    #expect(names == ["raw", "prep", "split"])
  }

  @Test func jsonNamesEveryNodeAndEdge() throws {
    for drawing in [try drawing(), Drawing(try #require(Sample.program(Sample.churn)), workflow: 0)] {
      let json = try JSON.parse(drawing.json().compact)
      #expect(json == drawing.json())
      #expect(json["nodes"]?.asArray?.count == drawing.nodes.count)
      for edge in try #require(json["edges"]?.asArray) {
        let from = try #require(edge["from"]?.asInt)
        #expect(from < (edge["to"]?.asInt ?? 0))
      }
    }
  }
}
