/// What is another one than when the task last succeeded.
package enum Cause: String, Sendable, Hashable, CaseIterable {
  case code, parameters, environment, wiring
  case external = "external input"
  case upstream = "upstream input"
  /// The run had another seed.
  case seed
  /// Nothing is: it was told to run again.
  case forced
  /// There was no such call before.
  case first
  case logged

  /// Somebody, or the world, changed something here.
  package var isRoot: Bool {
    switch self {
    case .upstream, .first, .seed: false
    default: true
    }
  }
}

extension Execution {
  /// - Parameter baseline: the last successful call of the same task in the same line; nil: there is none.
  func causes(since baseline: Execution?) -> Set<Cause> {
    if isLogged { return baseline == nil ? [.first] : [.logged] }
    guard let baseline else { return [.first] }
    // Another task has other parameters and stands on something else: that is one change, not three.
    guard baseline.callee == callee else { return [.code] }
    var causes: Set<Cause> = []
    let before = Dictionary(baseline.parts.map { ($0.name, $0) }) { first, _ in first }
    let now = Dictionary(parts.map { ($0.name, $0) }) { first, _ in first }
    for name in Set(before.keys).union(now.keys) {
      guard let old = before[name], let new = now[name], old.source == new.source else {
        causes.insert(.wiring)
        continue
      }
      if old.identity != new.identity { causes.insert(Cause(new.source)) }
    }
    return causes.isEmpty ? [.forced] : causes
  }
}

extension Cause {
  fileprivate init(_ source: Part.Source) {
    switch source {
    case .code: self = .code
    case .parameter: self = .parameters
    case .environment: self = .environment
    case .seed: self = .seed
    case .external: self = .external
    case .upstream: self = .upstream
    }
  }
}
