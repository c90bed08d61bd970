internal import CProcess
internal import Glibc
package import Processes
package import Values

/// A sealed memory file, mapped for reading: how large contents travel between processes without a copy.
///
/// `@unchecked`: immutable after init; the seals keep every process, this one included, from changing the bytes.
package final class SharedMemory: Region, @unchecked Sendable {
  package let count: Int
  package var descriptor: Int32? { file }
  package var artifact: Digest? { nil }

  private let file: Int32
  private let base: UnsafeMutableRawPointer?

  /// Takes over a descriptor whose bytes cannot change any more.
  private init(sealed file: Int32, count: Int) throws(SystemError) {
    self.file = file
    self.count = count
    guard count > 0 else {
      base = nil
      return
    }
    let mapped = mmap(nil, count, PROT_READ, MAP_SHARED, file, 0)
    guard mapped != MAP_FAILED else {
      let error = SystemError("map \(count) bytes")
      close(file)
      throw error
    }
    base = mapped
  }

  deinit {
    if let base { munmap(base, count) }
    close(file)
  }

  package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  /// A copy of `bytes`. O(count).
  package static func copy(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> SharedMemory {
    let file = try create(bytes.count)
    var done = 0
    while done < bytes.count {
      let count = write(file, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        let error = SystemError("write shared memory")
        close(file)
        throw error
      }
      done += count
    }
    return try seal(file, bytes.count)
  }

  package static func copy(_ bytes: [UInt8]) throws(SystemError) -> SharedMemory {
    let result = bytes.withUnsafeBytes { buffer in Result { () throws(SystemError) in try copy(buffer) } }
    return try result.get()
  }

  /// Takes over a descriptor that another process sent, and closes it if it cannot be used. What its sender could
  /// still change is copied, O(size); a sealed one is mapped.
  package static func adopt(_ received: Int32) throws(SystemError) -> SharedMemory {
    guard let stamp = Files.stamp(descriptor: received), stamp.isRegular else {
      close(received)
      throw SystemError("map what a worker sent", number: EINVAL)
    }
    let count = Int(stamp.size)
    if cprocess_is_sealed(received) != 0 { return try SharedMemory(sealed: received, count: count) }
    defer { close(received) }
    let file = try create(count)
    var position: off_t = 0
    while position < count {
      let moved = sendfile(file, received, &position, count - Int(position))
      if moved < 0 && errno == EINTR { continue }
      guard moved > 0 else {
        let error = SystemError("copy what a worker sent", number: moved == 0 ? EIO : errno)
        close(file)
        throw error
      }
    }
    return try seal(file, count)
  }

  private static func create(_ count: Int) throws(SystemError) -> Int32 {
    let file = cprocess_memory_file("assay-value", UInt64(count))
    guard file >= 0 else { throw SystemError("create shared memory of \(count) bytes", number: -file) }
    return file
  }

  private static func seal(_ file: Int32, _ count: Int) throws(SystemError) -> SharedMemory {
    let status = cprocess_seal(file)
    guard status == 0 else {
      close(file)
      throw SystemError("seal shared memory", number: -status)
    }
    return try SharedMemory(sealed: file, count: count)
  }
}
