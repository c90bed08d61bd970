internal import Foundation
internal import Synchronization

/// Private directories for attempts, made ahead and used again while they stay untouched: most tasks never write one, and
/// it is cheaper to hear of no change than to make and remove a directory, or only to look at it.
package final class Scratch: Sendable {
  struct Directory: Sendable {
    let path: String
    /// What the kernel calls it when it tells of changes; -1: it does not watch it.
    fileprivate let watch: Int32
  }

  private struct State {
    var idle: [Directory] = []
    var count = 0
    /// Watches of directories in which something happened.
    var touched: Set<Int32> = []
    /// Changes may have gone unheard: from then on each directory is used once.
    var isDeaf = false
  }

  package let root: String
  /// An inotify instance: an event is there before the call that caused it returns to the task.
  private let events: Int32
  private let state = Mutex(State())

  private static let changes = UInt32(IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)

  /// - Parameter root: an existing directory that is nobody else's.
  package init(root: String) {
    self.root = root
    events = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
  }

  deinit { if events >= 0 { close(events) } }

  /// Existing, empty directories. If one cannot be made, its path all the same: the task will say what is wrong.
  func take(_ count: Int) -> [Directory] {
    state.withLock { state in
      let taken = Array(state.idle.suffix(count))
      state.idle.removeLast(taken.count)
      guard taken.count < count else { return taken }
      return taken
        + (taken.count..<count).map { _ in
          state.count += 1
          return make(state.count)
        }
    }
  }

  func giveBack(_ directories: [Directory]) {
    let used = state.withLock { state in
      listen(&state)
      if state.touched.isEmpty, !state.isDeaf, directories.allSatisfy({ $0.watch >= 0 }) {
        state.idle.append(contentsOf: directories)
        return [Directory]()
      }
      return directories.filter { directory in
        if directory.watch >= 0, !state.isDeaf, state.touched.remove(directory.watch) == nil {
          state.idle.append(directory)
          return false
        }
        return true
      }
    }
    for directory in used {
      if directory.watch >= 0 { inotify_rm_watch(events, directory.watch) }
      remove(directory.path)
    }
  }

  /// When all that took directories have ended.
  package func removeAll() {
    // Mostly all that is there are directories that nobody has touched.
    for directory in state.withLock({ $0.idle }) { rmdir(directory.path) }
    remove(root)
  }

  /// With all that is in it; what cannot be removed stays. Nothing is followed: a link is removed, not what it points to.
  private func remove(_ path: String) {
    if rmdir(path) == 0 { return }
    guard errno == ENOTEMPTY || errno == EEXIST, let directory = opendir(path) else { return }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      if unlinkat(dirfd(directory), name, 0) != 0 { remove(path + "/" + name) }
    }
    closedir(directory)
    rmdir(path)
  }

  private func make(_ number: Int) -> Directory {
    let path = "\(root)/\(number)"
    mkdir(path, 0o700)
    return Directory(path: path, watch: events < 0 ? -1 : inotify_add_watch(events, path, Self.changes))
  }

  /// Takes note of the changes so far. Mostly there are none, and it is one system call for a whole batch.
  private func listen(_ state: inout State) {
    guard events >= 0 else { return }
    withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: MemoryLayout<inotify_event>.alignment) { buffer in
      while case let count = read(events, buffer.baseAddress, buffer.count), count > 0 {
        var offset = 0
        while offset + MemoryLayout<inotify_event>.size <= count {
          let event = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
          if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { state.isDeaf = true }
          if event.mask & Self.changes != 0 { state.touched.insert(event.wd) }
          offset += MemoryLayout<inotify_event>.size + Int(event.len)
        }
      }
    }
  }
}
