internal import Foundation
internal import Synchronization

/// Private directories for attempts, made ahead and used again while they stay untouched: most tasks never write one, and
/// a `stat` is cheaper than making and removing a directory.
final class Scratch: Sendable {
  private struct Entry {
    var path: String
    var madeAt: timespec
  }

  private struct State {
    var idle: [Entry] = []
    var given: [String: timespec] = [:]
    var count = 0
  }

  private let root: String
  private let state = Mutex(State())

  /// - Parameter root: an existing directory that is this run's own.
  init(root: String) { self.root = root }

  /// An existing, empty directory. If it cannot be made, its path all the same: the task will say what is wrong.
  func take() -> String {
    state.withLock { state in
      if let entry = state.idle.popLast() {
        state.given[entry.path] = entry.madeAt
        return entry.path
      }
      state.count += 1
      let path = "\(root)/\(state.count)"
      mkdir(path, 0o700)
      state.given[path] = Self.changed(path) ?? timespec()
      return path
    }
  }

  func giveBack(_ path: String) {
    guard let madeAt = state.withLock({ $0.given.removeValue(forKey: path) }) else { return }
    if let now = Self.changed(path), now.tv_sec == madeAt.tv_sec, now.tv_nsec == madeAt.tv_nsec {
      state.withLock { $0.idle.append(Entry(path: path, madeAt: madeAt)) }
    } else {
      try? FileManager.default.removeItem(atPath: path)
    }
  }

  func removeAll() { try? FileManager.default.removeItem(atPath: root) }

  private static func changed(_ path: String) -> timespec? {
    var info = stat()
    return lstat(path, &info) == 0 ? info.st_mtim : nil
  }
}
