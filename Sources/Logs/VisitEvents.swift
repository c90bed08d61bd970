package import Dynamics

extension Visit {
  /// One event a visit of a phase.
  package func event(_ phases: Phases, _ activities: Activities) -> LogEvent {
    var attributes: [LogAttribute] = [
      LogAttribute("visit", .string(kind.rawValue)), LogAttribute("seconds", .float(seconds)),
    ]
    if let reason {
      attributes.append(LogAttribute("reason", .string(reason.category.rawValue)))
      if !reason.text.isEmpty { attributes.append(LogAttribute("reason_text", .string(reason.text))) }
      attributes.append(LogAttribute("reason_source", .string(reason.source.rawValue)))
    }
    if let focus {
      attributes.append(LogAttribute("focus", .string(phases.name(focus.phase))))
      attributes.append(LogAttribute("focus_source", .string(focus.source.rawValue)))
    }
    let name = phases.name(phase)
    return LogEvent(
      id: "visit:\(run)/\(name)", type: activities.phase(name), startedAt: startedAt, at: finishedAt,
      attributes: attributes,
      relations: [LogRelation("line", LogId.line(line)), LogRelation("run", LogId.run(Int64(run)))])
  }
}
