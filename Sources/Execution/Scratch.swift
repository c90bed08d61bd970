internal import Foundation
internal import Synchronization

/// Private directories for attempts, made ahead and used again while they stay untouched: most tasks never write one, and
/// looking at a directory is cheaper than making and removing it.
///
/// An untouched directory is known by its modification time, which is set to the epoch when it is made: the clock of
/// a file system is too coarse to tell "made" from "made, and written at once".
final class Scratch: Sendable {
  struct Directory: Sendable {
    fileprivate let number: Int
    let path: String
    /// The last part of the path, as C wants it.
    fileprivate let name: [CChar]
  }

  private struct State {
    var idle: [Directory] = []
    var count = 0
  }

  private let root: String
  /// For paths that are short to walk.
  private let descriptor: Int32
  private let state = Mutex(State())

  /// - Parameter root: an existing directory that is this run's own.
  init(root: String) {
    self.root = root
    descriptor = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  }

  deinit { close(descriptor) }

  /// Existing, empty directories. If one cannot be made, its path all the same: the task will say what is wrong.
  func take(_ count: Int) -> [Directory] {
    state.withLock { state in
      var taken = Array(state.idle.suffix(count))
      state.idle.removeLast(taken.count)
      while taken.count < count {
        state.count += 1
        taken.append(make(state.count))
      }
      return taken
    }
  }

  func giveBack(_ directories: [Directory]) {
    let untouched = directories.filter(isUntouched)
    state.withLock { $0.idle.append(contentsOf: untouched) }
    guard untouched.count < directories.count else { return }
    let kept = Set(untouched.map(\.number))
    for directory in directories where !kept.contains(directory.number) {
      try? FileManager.default.removeItem(atPath: directory.path)
    }
  }

  func removeAll() { try? FileManager.default.removeItem(atPath: root) }

  private func make(_ number: Int) -> Directory {
    let directory = Directory(number: number, path: "\(root)/\(number)", name: Array("\(number)".utf8CString))
    mkdir(directory.path, 0o700)
    let epoch = [timespec(), timespec()]
    utimensat(AT_FDCWD, directory.path, epoch, 0)
    return directory
  }

  private func isUntouched(_ directory: Directory) -> Bool {
    var info = stat()
    return fstatat(descriptor, directory.name, &info, AT_SYMLINK_NOFOLLOW) == 0
      && info.st_mode & S_IFMT == S_IFDIR && info.st_mtim.tv_sec == 0 && info.st_mtim.tv_nsec == 0
  }
}
