package import Dynamics

extension Visit {
  /// One event a visit of a phase. Work that a person logged belongs to no run; its numbers are negative.
  package func event(_ phases: Phases, _ activities: Activities, by resource: String = "") -> LogEvent {
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
    let isLogged = run <= 0
    return LogEvent(
      id: isLogged ? "work:\(-run)" : "visit:\(run)/\(name)", type: activities.phase(name), startedAt: startedAt,
      at: finishedAt, resource: resource, attributes: attributes,
      relations: [LogRelation("line", LogId.line(line))] + (isLogged ? [] : [LogRelation("run", LogId.run(Int64(run)))])
    )
  }
}
