import Execution
import Plans
import Tasks
import Testing
import Values
import Workflows

/// Each workflow calls the one behind it twice; the last one has one step.
private func doubling(_ levels: Int) -> Program {
  var workflows = (1..<levels).map { level in
    workflow(
      "w\(level)", steps: [step("a", .workflow(level)), step("b", .workflow(level))], outputs: [("value", output(0))])
  }
  workflows.append(workflow("last", steps: [step("a", .task(0))], outputs: [("value", output(0))]))
  return Program(workflows: workflows, tasks: [installed("one")], files: [])
}

@Test func callsThatMultiplyAreRefusedBeforeTheyFillTheMemory() throws {
  let error = try #require(throws: PlanError.self) { try Plan(doubling(60), workflow: 0) }
  #expect(error.message == "workflow `w1` unfolds into more than 4000000 steps")
  #expect(try Plan(doubling(11), workflow: 0).taskSteps.count == 1024)
}

@Test func aWorkflowThatCallsItselfIsStillToldAsThat() throws {
  let itself = workflow("w", steps: [step("a", .workflow(0))], outputs: [("value", output(0))])
  let error = try #require(throws: PlanError.self) {
    try Plan(Program(workflows: [itself], tasks: [], files: []), workflow: 0)
  }
  #expect(error.message.contains("nested more than 64 deep"))
}
