internal import Synchronization

/// Where the engine's own time goes in one run. Made only when somebody asks: without it no clock is read.
///
/// The time of a run is divided without gaps: each clock marks what the time since its last mark went into. Lanes run side
/// by side, so each counts for its share; all parts together are the wall time.
package final class Profile: Sendable {
  package enum Part: Int, CaseIterable, Sendable {
    /// The document is read and checked, plugins are asked what they offer, the plan is made.
    case plan
    /// The store is opened, files given to the run are taken in, the run's beginning goes on record.
    case start
    /// Calls get their keys; the store is asked for results that are known.
    case keys
    /// The scheduler chooses what is next, and learns what has ended.
    case dispatch
    /// Tasks, and the way to them and back.
    case tasks
    /// What came of calls is kept and handed to the journal and to whoever watches.
    case record
    /// A lane has nothing to do until another one is done.
    case wait
    /// The end of the run waits for the disk.
    case commit
  }

  private struct State {
    var nanoseconds = [Double](repeating: 0, count: Part.allCases.count)
    var batches = 0
    var calls = 0
  }

  private let began = Clock.monotonicNanoseconds()
  private let state = Mutex(State())

  package init() {}

  /// - Parameter lanes: how many clocks run side by side with this one, itself included.
  package func clock(lanes: Int = 1) -> ProfileClock { ProfileClock(profile: self, lanes: lanes) }

  fileprivate func add(_ nanoseconds: [Int64], lanes: Int, batches: Int, calls: Int) {
    state.withLock { state in
      for (part, time) in nanoseconds.enumerated() { state.nanoseconds[part] += Double(time) / Double(lanes) }
      state.batches += batches
      state.calls += calls
    }
  }

  /// What is known now. What no part explains is the difference to `total`.
  package func report() -> Report {
    let total = Double(Clock.monotonicNanoseconds() - began) / 1e9
    return state.withLock { state in
      Report(
        total: total, parts: Part.allCases.map { ($0, state.nanoseconds[$0.rawValue] / 1e9) },
        batches: state.batches, calls: state.calls)
    }
  }

  /// In seconds.
  package struct Report: Sendable {
    package var total: Double
    package var parts: [(part: Part, seconds: Double)]
    /// Calls travel in batches: each costs one round of the engine.
    package var batches: Int
    package var calls: Int
    package var other: Double { max(0, total - parts.reduce(0) { $0 + $1.seconds }) }
  }
}

/// Divides the time of one thread.
package struct ProfileClock: ~Copyable {
  private let profile: Profile
  private let lanes: Int
  private var last = Clock.monotonicNanoseconds()
  private var nanoseconds = [Int64](repeating: 0, count: Profile.Part.allCases.count)
  private var batches = 0
  private var calls = 0

  fileprivate init(profile: Profile, lanes: Int) {
    self.profile = profile
    self.lanes = lanes
  }

  /// The time since the last mark, or since the clock was made, went into this.
  package mutating func mark(_ part: Profile.Part) {
    let now = Clock.monotonicNanoseconds()
    nanoseconds[part.rawValue] += now - last
    last = now
  }

  mutating func count(_ calls: Int) {
    batches += 1
    self.calls += calls
  }

  deinit { profile.add(nanoseconds, lanes: lanes, batches: batches, calls: calls) }
}
