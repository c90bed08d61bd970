internal import CProcess
internal import Glibc

/// What a file looked like: as long as it is the same, the contents are taken to be the same.
package struct FileStamp: Hashable, Sendable {
  package var device: UInt64
  package var inode: UInt64
  package var size: Int64
  package var modified: Int64
  package var changed: Int64
  package var isDirectory: Bool
  package var isRegular: Bool

  /// One word for cache files.
  package var text: String { "\(device).\(inode).\(size).\(modified).\(changed)" }

  /// Changed so lately that a second change within the clock's grain could go unseen: not to be remembered.
  package var isFresh: Bool { cprocess_wall_clock() - Swift.max(modified, changed) < 20_000_000 }
}

/// The few file operations that need no more than POSIX. Callable from any thread.
package enum Files {
  /// Follows symbolic links; nil when there is nothing.
  package static func stamp(_ path: String) -> FileStamp? {
    var status = Glibc.stat()
    guard stat(path, &status) == 0 else { return nil }
    return FileStamp(status)
  }

  package static func stamp(descriptor: Int32) -> FileStamp? {
    var status = Glibc.stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    return FileStamp(status)
  }

  /// The file system that holds `path`: its number in `<linux/magic.h>`, and the bytes that may still be written.
  package static func fileSystem(of path: String) -> (kind: UInt64, freeBytes: UInt64)? {
    var kind: UInt64 = 0
    var free: UInt64 = 0
    return cprocess_filesystem(path, &kind, &free) == 0 ? (kind, free) : nil
  }

  package static func isExecutable(_ path: String) -> Bool {
    stamp(path)?.isRegular == true && access(path, X_OK) == 0
  }

  /// Absolute, without symbolic links; nil when it does not exist.
  package static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The whole file, at most `limit` bytes.
  package static func read(_ path: String, limit: Int = 1 << 30) throws(SystemError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("read \(path)") }
    defer { close(descriptor) }
    guard let stamp = stamp(descriptor: descriptor) else { throw SystemError("read \(path)") }
    guard stamp.isRegular else { throw SystemError("read \(path)", number: stamp.isDirectory ? EISDIR : EINVAL) }
    guard stamp.size <= limit else { throw SystemError("read \(path)", number: EFBIG) }
    var bytes = [UInt8](repeating: 0, count: Int(stamp.size))
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw SystemError("read \(path)") }
      if count == 0 { break }
      done += count
    }
    bytes.removeLast(bytes.count - done)
    return bytes
  }

  package static func text(_ path: String) throws(SystemError) -> String {
    String(decoding: try read(path), as: UTF8.self)
  }

  /// Writes to a temporary name beside it and renames: readers see all or nothing.
  package static func writeAtomically(_ path: String, _ bytes: [UInt8]) throws(SystemError) {
    let temporary = "\(path).\(getpid()).\(UInt64.random(in: 0 ... .max))"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw SystemError("write \(path)") }
    var done = 0
    var failure: SystemError?
    while done < bytes.count && failure == nil {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done) }
      if count >= 0 { done += count } else if errno != EINTR { failure = SystemError("write \(path)") }
    }
    if close(descriptor) != 0 && failure == nil { failure = SystemError("write \(path)") }
    if failure == nil && rename(temporary, path) != 0 { failure = SystemError("rename \(temporary)") }
    if let failure {
      unlink(temporary)
      throw failure
    }
  }

  /// Creates a directory and its parents; one that exists is fine.
  package static func makeDirectory(_ path: String) throws(SystemError) {
    if mkdir(path, 0o755) == 0 { return }
    if errno == EEXIST && stamp(path)?.isDirectory == true { return }
    let parent = directory(of: path)
    guard errno == ENOENT, parent != path else { throw SystemError("create directory \(path)") }
    try makeDirectory(parent)
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw SystemError("create directory \(path)") }
  }

  /// The names in a directory, sorted; empty when there is none.
  package static func list(_ path: String) -> [String] {
    guard let handle = opendir(path) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Removes a file or a whole tree; never follows a symbolic link. What is not there is fine.
  package static func remove(_ path: String) throws(SystemError) {
    var status = Glibc.stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw SystemError("remove \(path)")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      guard unlink(path) == 0 || errno == ENOENT else { throw SystemError("remove \(path)") }
      return
    }
    for name in list(path) { try remove(path + "/" + name) }
    guard rmdir(path) == 0 || errno == ENOENT else { throw SystemError("remove \(path)") }
  }

  package static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  package static func name(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return path }
    return String(path[path.index(after: slash)...])
  }

  /// Relative paths become absolute by the working directory; nothing is resolved.
  package static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return path }
    defer { free(current) }
    return String(cString: current) + "/" + path
  }
}

extension FileStamp {
  fileprivate init(_ status: Glibc.stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
    isDirectory = status.st_mode & S_IFMT == S_IFDIR
    isRegular = status.st_mode & S_IFMT == S_IFREG
  }
}

/// An exclusive lock between processes, held for as long as any copy of its descriptor is open: a child that inherits
/// it holds it too.
package struct FileLock: ~Copyable {
  package let descriptor: Int32

  /// Takes the lock of this file, which is created; `waiting` is called once if another holds it.
  package init(_ path: String, waiting: () -> Void = {}) throws(SystemError) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw SystemError("open \(path)") }
    if cprocess_lock(descriptor, 0) == 0 { return }
    waiting()
    let status = cprocess_lock(descriptor, 1)
    guard status == 0 else {
      close(descriptor)
      throw SystemError("lock \(path)", number: -status)
    }
  }

  deinit { close(descriptor) }
}
