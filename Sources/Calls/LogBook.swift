package import Tasks

/// What the attempts of a batch have said: passes lines on, keeps the last ones, and stops at the limit.
package struct LogBook {
  /// Bytes of text that one attempt may log; the rest is counted and dropped.
  package static let limit = 1 << 20
  package static let tailLines = 20

  private struct Page {
    var bytes = 0
    var dropped = 0
    var tail: [String] = []
  }

  private var pages: [UInt64: Page] = [:]

  package init() {}

  package mutating func add(
    _ attempt: UInt64, _ level: LogLevel, _ text: String, at time: Int64, _ observer: any AttemptObserver
  ) {
    let size = text.utf8.count + 1
    var page = pages.removeValue(forKey: attempt) ?? Page()
    page.tail.append(text.utf8.count > 1000 ? String(text.prefix(1000)) + "…" : text)
    if page.tail.count > Self.tailLines { page.tail.removeFirst() }
    if page.dropped > 0 || page.bytes + size > Self.limit {
      page.dropped += size
    } else {
      page.bytes += size
      observer.log(attempt, level, text, unixNanoseconds: time)
    }
    pages[attempt] = page
  }

  /// Says how much was dropped, and gives the last lines of an attempt that has ended.
  package mutating func close(_ attempt: UInt64, at time: Int64, _ observer: any AttemptObserver) -> [String] {
    guard let page = pages.removeValue(forKey: attempt) else { return [] }
    if page.dropped > 0 {
      observer.log(attempt, .warning, "… \(page.dropped) bytes of output dropped", unixNanoseconds: time)
    }
    return page.tail
  }

  /// Nothing is kept of any attempt.
  package var isEmpty: Bool { pages.isEmpty }
}
