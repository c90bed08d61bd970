internal import Execution

/// Shows a run that goes on. Values without clock or stream: what to write is returned.
protocol Presenter: Sendable {
  var model: RunModel { get }
  /// Takes events in; `now` is monotonic. What has to be written at once is returned.
  mutating func take(_ events: [LiveEvent], now: Int64) -> String
  /// A line about the run as a whole.
  mutating func say(_ line: String, now: Int64) -> String
  /// Called about ten times a second.
  mutating func tick(now: Int64, size: TerminalSize) -> String
  /// What calls took in earlier runs, by step.
  mutating func learn(_ usual: [String: Int64])
  /// Takes what is drawn in place away: the terminal will be somebody else's for a while.
  mutating func clear(size: TerminalSize) -> String
  /// The run is over: leaves the stream ready for other text.
  mutating func finish(now: Int64, size: TerminalSize) -> String
}

extension Presenter {
  mutating func learn(_ usual: [String: Int64]) {}
  mutating func clear(size: TerminalSize) -> String { "" }
}

/// Progress in place, on a terminal.
struct LivePresenter: Presenter {
  private(set) var model: RunModel
  private let frame: LiveFrame
  private var screen = LiveScreen()
  private var log: [String] = []
  private var dropped = 0
  private let paint: Paint
  private let glyphs: Glyphs

  /// Nothing is drawn before: most runs of a small workflow are over by then.
  static let patience: Int64 = 300_000_000
  /// Lines kept between two drawings; a flood is for the log.
  static let maximumLines = 500

  init(model: RunModel, paint: Paint, glyphs: Glyphs) {
    self.model = model
    self.paint = paint
    self.glyphs = glyphs
    frame = LiveFrame(paint: paint, glyphs: glyphs)
  }

  mutating func take(_ events: [LiveEvent], now: Int64) -> String {
    let lines = ChangeLines(paint: paint, glyphs: glyphs)
    for event in events {
      for change in model.handle(event, now: now) {
        switch change {
        case .log, .failed: keep(lines.lines(change, model))
        case .started, .ended, .retrying: break
        }
      }
    }
    return ""
  }

  private mutating func keep(_ lines: [String]) {
    for line in lines {
      if log.count < Self.maximumLines { log.append(line) } else { dropped += 1 }
    }
  }

  mutating func say(_ line: String, now: Int64) -> String {
    log.append(line)
    return ""
  }

  mutating func learn(_ usual: [String: Int64]) { model.learn(usual) }
  mutating func clear(size: TerminalSize) -> String { screen.clear(size: size) }

  mutating func tick(now: Int64, size: TerminalSize) -> String {
    guard now - model.startedAt >= Self.patience else {
      return log.isEmpty ? "" : screen.draw(log: takeLog(), rows: [], size: size)
    }
    return screen.draw(log: takeLog(), rows: frame.rows(model, now: now, size: size), size: size)
  }

  mutating func finish(now: Int64, size: TerminalSize) -> String {
    _ = model.conclude()
    let rows = Array(frame.rows(model, now: now, size: size).dropLast())
    return screen.draw(log: takeLog(), rows: rows, size: size)
  }

  private mutating func takeLog() -> [String] {
    if dropped > 0 {
      log.append(paint("\(glyphs.ellipsis) \(Text.count(dropped, "more line")) (assay runs logs)", .faint))
    }
    defer {
      log = []
      dropped = 0
    }
    return log
  }
}

/// One line for each change of state, for logs and pipes.
struct PlainPresenter: Presenter {
  private(set) var model: RunModel
  private let lines: ChangeLines
  private var lastWritten: Int64

  /// A sign of life when nothing else happens.
  static let heartbeat: Int64 = 30_000_000_000

  init(model: RunModel, paint: Paint, glyphs: Glyphs) {
    self.model = model
    lines = ChangeLines(paint: paint, glyphs: glyphs)
    lastWritten = model.startedAt
  }

  mutating func take(_ events: [LiveEvent], now: Int64) -> String {
    var out = ""
    for event in events {
      for change in model.handle(event, now: now) {
        for line in lines.lines(change, model) { out += line + "\n" }
      }
    }
    if !out.isEmpty { lastWritten = now }
    return out
  }

  mutating func say(_ line: String, now: Int64) -> String {
    lastWritten = now
    return line + "\n"
  }

  mutating func learn(_ usual: [String: Int64]) { model.learn(usual) }

  mutating func tick(now: Int64, size: TerminalSize) -> String {
    guard now - lastWritten >= Self.heartbeat else { return "" }
    lastWritten = now
    let counts = model.counts
    let names = model.active.values.map(model.name).sorted().prefix(3).joined(separator: ", ")
    let running = counts.running == 0 ? "" : ", \(counts.running) running (\(names))"
    let elapsed = Times.clock(seconds: (now - model.startedAt) / 1_000_000_000)
    let left = model.forecast(now: now).map { ", " + $0.words } ?? ""
    return "still running after \(elapsed): \(counts.ended) ended\(running)\(left)\n"
  }

  mutating func finish(now: Int64, size: TerminalSize) -> String {
    model.conclude().flatMap { lines.lines($0, model) }.map { $0 + "\n" }.joined()
  }
}

/// Nothing but the summary.
struct SilentPresenter: Presenter {
  private(set) var model: RunModel
  init(model: RunModel) { self.model = model }
  mutating func take(_ events: [LiveEvent], now: Int64) -> String {
    for event in events { _ = model.handle(event, now: now) }
    return ""
  }
  mutating func say(_ line: String, now: Int64) -> String { line + "\n" }
  mutating func tick(now: Int64, size: TerminalSize) -> String { "" }
  mutating func finish(now: Int64, size: TerminalSize) -> String {
    _ = model.conclude()
    return ""
  }
}
