/// Bytes that live outside the heap: a mapped file of the artifact store or shared memory.
///
/// Immutable for as long as anything refers to it, and safe to read from any thread.
package protocol Region: AnyObject, Sendable {
  /// The number of bytes.
  var count: Int { get }
  /// A descriptor that another process can map (owned by the region), or nil.
  var descriptor: Int32? { get }
  /// The digest of the stored artifact that these bytes are, or nil when they are not in the store.
  var artifact: Digest? { get }
  /// Where in that artifact the region's first byte is: a slice at `offset` is found at `artifactOffset + offset`.
  var artifactOffset: Int { get }
  func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R
}

extension Region {
  package var artifactOffset: Int { 0 }
}

/// The bytes of a string, tensor, column…: on the heap when small, a slice of a region otherwise.
package struct Payload: Sendable {
  package enum Storage: Sendable {
    case bytes([UInt8])
    case region(any Region, offset: Int, count: Int)
  }

  package var storage: Storage

  package init(_ bytes: [UInt8]) { storage = .bytes(bytes) }

  /// A slice of `region`. The caller has checked that it lies inside.
  package init(_ region: any Region, offset: Int, count: Int) {
    precondition(offset >= 0 && count >= 0 && offset <= region.count - count, "slice outside its region")
    storage = .region(region, offset: offset, count: count)
  }

  package var count: Int {
    switch storage {
    case .bytes(let bytes): bytes.count
    case .region(_, _, let count): count
    }
  }

  package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    switch storage {
    case .bytes(let bytes): try bytes.withUnsafeBytes(body)
    case .region(let region, let offset, let count):
      try region.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count])) }
    }
  }

  /// A copy on the heap. O(count).
  package var copied: [UInt8] { withUnsafeBytes { Array($0) } }
}

extension Payload: Equatable {
  /// Byte equality. O(count).
  package static func == (a: Payload, b: Payload) -> Bool {
    a.count == b.count && a.withUnsafeBytes { x in b.withUnsafeBytes { y in x.elementsEqual(y) } }
  }
}
