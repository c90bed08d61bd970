internal import CProcess
internal import Glibc
internal import Values

/// System calls with errors, in chunks: no file is ever in memory as a whole.
enum Disk {
  static let chunk = 1 << 20

  /// An open file; closed with its owner.
  final class File: Sendable {
    let descriptor: Int32
    let path: String

    init(reading path: String, _ code: StoreError.Code = .unreadable) throws(StoreError) {
      descriptor = open(path, O_RDONLY | O_CLOEXEC)
      self.path = path
      guard descriptor >= 0 else { throw .system(errno == ENOENT ? .missing : code, "cannot open", path: path) }
    }

    init(creating path: String) throws(StoreError) {
      descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      self.path = path
      guard descriptor >= 0 else { throw .system(.unwritable, "cannot create", path: path) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func status() throws(StoreError) -> stat {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw .system(.unreadable, "cannot examine", path: path) }
      return status
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
      var rest = bytes
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, min(rest.count, 64 << 20))
        if count < 0 {
          if errno == EINTR { continue }
          throw .system(.unwritable, "cannot write", path: path)
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }

    /// Leaves a hole of so many bytes where the next ones would be written.
    func skip(_ count: Int) throws(StoreError) {
      guard lseek(descriptor, off_t(count), SEEK_CUR) >= 0 else {
        throw .system(.unwritable, "cannot write", path: path)
      }
    }

    func setSize(_ size: Int) throws(StoreError) {
      guard ftruncate(descriptor, off_t(size)) == 0 else { throw .system(.unwritable, "cannot write", path: path) }
    }

    /// Lets the disk begin with a part of the file, so that there is less to wait for in the end. Promises nothing.
    func beginWriting(_ offset: Int = 0, _ count: Int = 0) {
      cprocess_begin_writing(descriptor, Int64(offset), Int64(count))
    }

    /// On disk when this returns.
    func synchronise() throws(StoreError) {
      guard fsync(descriptor) == 0 else { throw .system(.unwritable, "cannot sync", path: path) }
    }

    func setMode(_ mode: mode_t) throws(StoreError) {
      guard fchmod(descriptor, mode) == 0 else { throw .system(.unwritable, "cannot set the mode", path: path) }
    }
  }

  /// The status of what is at `path` (not of what a link there points to), or nil when there is nothing.
  static func status(_ path: String) throws(StoreError) -> stat? {
    var status = stat()
    if lstat(path, &status) == 0 { return status }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw .system(.unreadable, "cannot examine", path: path)
  }

  static func kind(_ status: stat) -> mode_t { status.st_mode & S_IFMT }

  /// True when it was not there before.
  @discardableResult
  static func makeDirectory(_ path: String) throws(StoreError) -> Bool {
    if mkdir(path, 0o755) == 0 { return true }
    guard errno == EEXIST else { throw .system(.unwritable, "cannot create the directory", path: path) }
    return false
  }

  /// … with the directories above it.
  ///
  /// - Parameter synchronises: new ones are on disk when this returns.
  static func makeDirectories(_ path: String, synchronises: Bool = false) throws(StoreError) {
    if try status(path) != nil { return }
    let slash = path.lastIndex(of: "/")
    let parent = slash.map { $0 > path.startIndex ? String(path[..<$0]) : "/" } ?? "."
    if parent.utf8.count > 1 { try makeDirectories(parent, synchronises: synchronises) }
    if try makeDirectory(path), synchronises { try synchronise(directory: parent) }
  }

  static func synchronise(directory path: String) throws(StoreError) {
    try File(reading: path, .unwritable).synchronise()
  }

  /// Everything that any program has written to the file system on which `path` lies.
  static func synchronise(fileSystemOf path: String) throws(StoreError) {
    let file = try File(reading: path, .unwritable)
    let status = cprocess_sync_file_system(file.descriptor)
    guard status == 0 else { throw .system(.unwritable, "cannot sync", path: path, -status) }
  }

  static func rename(_ from: String, to: String) throws(StoreError) {
    guard Glibc.rename(from, to) == 0 else { throw .system(.unwritable, "cannot name the artifact", path: to) }
  }

  /// The names in a directory, sorted by their bytes, without `.` and `..`.
  static func names(in path: String) throws(StoreError) -> [String] {
    guard let directory = opendir(path) else {
      throw .system(errno == ENOENT ? .missing : .unreadable, "cannot list", path: path)
    }
    defer { closedir(directory) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(directory) else {
        if errno != 0 { throw .system(.unreadable, "cannot list", path: path) }
        break
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
      }
      guard let name else { throw StoreError(.unsupported, "a name that is not UTF-8", path: path) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Removes a file or a directory with all it holds; what is not there is fine.
  static func remove(_ path: String) throws(StoreError) {
    guard let status = try status(path) else { return }
    if kind(status) == S_IFDIR {
      chmod(path, 0o755)
      for name in try names(in: path) { try remove("\(path)/\(name)") }
      if rmdir(path) == 0 { return }
    } else if unlink(path) == 0 {
      return
    }
    if errno != ENOENT { throw .system(.unwritable, "cannot remove", path: path) }
  }

  /// `FICLONE`: shares the blocks where the file system can.
  static func clone(_ source: File, to target: File) -> Bool {
    ioctl(target.descriptor, UInt(0x4004_9409), source.descriptor) == 0
  }
}
