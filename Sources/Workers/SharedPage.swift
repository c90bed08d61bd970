internal import CProcess
internal import Glibc
internal import Processes

/// The page that engine and worker share (docs/wire.md): what runs now, progress, and the cancel words.
///
/// `@unchecked`: every word is read and written atomically, or behind the progress sequence.
final class SharedPage: @unchecked Sendable {
  static let slots = 256
  private static let size = 4096

  let descriptor: Int32
  private let base: UnsafeMutableRawPointer

  init() throws(SystemError) {
    let file = cprocess_memory_file("assay-page", UInt64(Self.size))
    guard file >= 0 else { throw SystemError("create the shared page", number: -file) }
    guard let base = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), base != MAP_FAILED else {
      let error = SystemError("map the shared page")
      close(file)
      throw error
    }
    descriptor = file
    self.base = base
    cprocess_store32(base, 1)
  }

  deinit {
    munmap(base, Self.size)
    close(descriptor)
  }

  /// The attempt that runs now, 0: none.
  var running: UInt64 { cprocess_load64(base + 8) }

  struct Progress: Equatable {
    var done: Double
    var total: Double
    var text: String
  }

  /// Rises with each change.
  var progressSequence: UInt64 { cprocess_load64(base + 24) }

  /// What the worker wrote last, or nil while it writes.
  func progress() -> Progress? {
    let before = cprocess_load64(base + 24)
    guard before & 1 == 0 else { return nil }
    let done = Double(bitPattern: cprocess_load64(base + 32))
    let total = Double(bitPattern: cprocess_load64(base + 40))
    let bytes = UnsafeRawBufferPointer(start: base + 48, count: 80).prefix { $0 != 0 }
    let text = String(decoding: bytes, as: UTF8.self)
    cprocess_fence()
    guard cprocess_load64(base + 24) == before else { return nil }
    return Progress(done: done, total: total, text: text)
  }

  /// Sets a cancel word; `wakes` tells the worker's watcher.
  func setCancel(slot: Int, _ word: Int32, wakes: Bool) {
    precondition(slot >= 0 && slot < Self.slots)
    let address = base + 1024 + 4 * slot
    cprocess_store32(address, word)
    if wakes { cprocess_wake(address) }
  }
}
