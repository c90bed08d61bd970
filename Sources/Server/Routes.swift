internal import Artifacts
internal import Events
internal import Experiments
internal import Traces
internal import Values
internal import Workspace

extension API {
  static let routes: [Route] = [
    Route(method: "GET", path: "/api", summary: "What is served.", schema: "assay.server/1") {
      api, call throws(WorkspaceError) in
      .document(
        "assay.server/1",
        [
          .init("version", .string(Workspace.version)), .init("project", .string(api.workspace.layout.project)),
          .init("name", call.name.map { .string($0) } ?? .null),
        ])
    },
    Route(method: "GET", path: "/api/openapi.json", summary: "This description.", schema: "") {
      api, _ throws(WorkspaceError) in .json(OpenAPI.document(api.routes))
    },
    Route(
      method: "GET", path: "/api/experiments", summary: "All experiments, newest first.", query: [limit],
      schema: "assay.experiments/1"
    ) { api, call throws(WorkspaceError) in
      let experiments = try api.workspace.experiments(limit: try call.number(limit))
      return .document("assay.experiments/1", [.init("experiments", .array(experiments.map { .object($0.members) }))])
    },
    Route(
      method: "GET", path: "/api/experiments/{experiment}",
      summary: "An experiment by number, or the newest of a name: stages, trials, decisions.",
      schema: "assay.experiment/1"
    ) { api, call throws(WorkspaceError) in
      let (record, study) = try api.look(call)
      var response = Response.document("assay.experiment/1", study.members(number: record.number))
      // The basis of a decision that is taken on what this answer shows.
      response.headers.append(("Assay-Entries", "\(study.count)"))
      return response
    },
    Route(
      method: "GET", path: "/api/experiments/{experiment}/log", summary: "Its log, from an entry on.",
      query: [from, limit], schema: "assay.experiment.entries/1"
    ) { api, call throws(WorkspaceError) in
      let (record, study) = try api.look(call)
      let first = try call.number(from)
      let entries = try api.workspace.log(of: record, from: first).prefix(try call.number(limit))
      return .document("assay.experiment.entries/1", study.members(ofLog: Array(entries), from: first, of: record))
    },
    Route(
      method: "GET", path: "/api/experiments/{experiment}/events",
      summary: "Its log as server-sent events: from an entry on, then as it grows. `Last-Event-ID` wins over `from`.",
      query: [from], schema: ""
    ) { api, call throws(WorkspaceError) in
      let (record, _) = try api.look(call)
      let last = call.request.header("last-event-id").flatMap { Int($0) }
      let first: Int
      if let last { first = max(0, last) } else { first = try call.number(from) }
      return Response(
        status: 200,
        body: .stream(EventStream(workspace: api.workspace, studies: api.studies, record: record, first: first)))
    },
    Route(
      method: "POST", path: "/api/experiments/{experiment}/decisions", summary: "Decides something about it.",
      schema: "assay.decision/1"
    ) { api, call throws(WorkspaceError) in try api.decide(call) },
    Route(
      method: "GET", path: "/api/gates", summary: "The gates that wait for an answer, of all experiments.",
      schema: "assay.gates/1"
    ) { api, call throws(WorkspaceError) in
      // One that cannot be read with the plugins that are there now has no gate that could be answered.
      let questions = try api.workspace.questions(for: call.name ?? "") { try? api.studies.study(of: $0) }
      return .gates(questions)
    },
    Route(
      method: "GET", path: "/api/experiments/{experiment}/gates", summary: "The gates of an experiment that wait.",
      schema: "assay.gates/1"
    ) { api, call throws(WorkspaceError) in
      let (record, study) = try api.look(call)
      return .gates(try api.workspace.questions(study, of: record, for: call.name ?? ""))
    },
    Route(method: "GET", path: "/api/runs", summary: "Runs, newest first.", query: [limit], schema: "assay.runs/1") {
      api, call throws(WorkspaceError) in
      let limit = try call.number(limit)
      let runs = try orNone([]) { () throws(WorkspaceError) in try api.workspace.runs(limit: limit) }
      return .document("assay.runs/1", [.init("runs", .array(runs.map { .object($0.members) }))])
    },
    Route(method: "GET", path: "/api/runs/{run}", summary: "A run, whole.", schema: "assay.run.report/1") {
      api, call throws(WorkspaceError) in
      guard let run = Int64(call.text("run")), run > 0 else {
        throw WorkspaceError(.notFound, "there is no run `\(call.text("run"))`", help: "runs have numbers from 1")
      }
      return .document("assay.run.report/1", parts: try api.workspace.report(on: run).parts)
    },
    Route(
      method: "GET", path: "/api/artifacts", summary: "Named artifacts and what runs made, newest first.",
      query: [limit], schema: "assay.artifacts/1"
    ) { api, call throws(WorkspaceError) in
      let limit = try call.number(limit)
      let names = try api.workspace.names()
      let (artifacts, more) = try orNone(([], 0)) { () throws(WorkspaceError) in
        try api.workspace.artifacts(name: nil, limit: limit, all: false)
      }
      return .document(
        "assay.artifacts/1",
        [.init("artifacts", .array(artifacts.map { $0.json(names) })), .init("more", .int(Int64(more)))])
    },
  ]

  /// A project in which nothing was run yet has empty lists, not an error.
  private static func orNone<R>(
    _ nothing: R, _ list: () throws(WorkspaceError) -> R
  ) throws(WorkspaceError) -> R {
    do throws(WorkspaceError) { return try list() } catch {
      guard error.exit == .notFound else { throw error }
      return nothing
    }
  }

  func look(_ call: Call) throws(WorkspaceError) -> (ExperimentRecord, Study) {
    let record = try workspace.experiment(call.text("experiment"))
    return (record, try studies.study(of: record))
  }

  // MARK: Decisions

  private func decide(_ call: Call) throws(WorkspaceError) -> Response {
    let request = try DecisionRequest(try call.json())
    let record = try workspace.experiment(call.text("experiment"))
    // A remark is never about a situation that is over.
    let basis = request.operation == "note" ? nil : request.basis
    do throws(WorkspaceError) {
      let decided = try workspace.decide(
        about: record, by: Actor(.person, call.name ?? ""), reason: request.reason, basis: basis
      ) { (bench) throws(WorkspaceError) in try request.ruling(bench) }
      return .document("assay.decision/1", decided.members, status: 201)
    } catch {
      guard let basis else { throw error }
      let entries = try workspace.log(of: record)
      guard let change = entries.change(since: basis) else { throw error }
      return .error(
        409, "entry \(change) has changed the situation since this was decided",
        help: "look again, and decide with `basis` \(entries.count)")
    }
  }
}

extension Response {
  fileprivate static func gates(_ questions: [Question]) -> Response {
    .document("assay.gates/1", [.init("gates", .array(questions.map { .object($0.members) }))])
  }
}
