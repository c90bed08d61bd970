internal import Glibc
package import Processes
package import Values

/// The large values of one exchange. Used by one thread.
package final class BlobTable {
  /// Copies of heap bytes by their address: a value that goes to many attempts of a batch is copied once. The bytes
  /// are held, so that an address means one thing for as long as the table lives.
  private var copies: [UnsafeRawPointer: (bytes: Payload, copy: SharedMemory)] = [:]
  private var known: [ObjectIdentifier: any Region] = [:]
  /// Regions by the file that they are, made when something comes back.
  private var files: [FileIdentity: any Region]?

  package init() {}

  private struct FileIdentity: Hashable {
    var device: UInt64
    var inode: UInt64

    init?(_ descriptor: Int32) {
      guard let stamp = Files.stamp(descriptor: descriptor) else { return nil }
      device = stamp.device
      inode = stamp.inode
    }
  }

  /// Shared memory for a payload that has no descriptor; nil (inline) when there is none to be had.
  package func place(_ payload: Payload) -> (any Region)? {
    guard let address = payload.withUnsafeBytes(\.baseAddress) else { return nil }
    if let known = copies[address], known.copy.count >= payload.count { return known.copy }
    let copied = payload.withUnsafeBytes { bytes in Result { () throws(SystemError) in try SharedMemory.copy(bytes) } }
    guard case .success(let copy) = copied else { return nil }
    copies[address] = (payload, copy)
    return copy
  }

  package func remember(_ regions: [any Region]) {
    for region in regions where known.updateValue(region, forKey: ObjectIdentifier(region)) == nil { files = nil }
  }

  /// The region of a received descriptor, which is taken over: the very one that was sent when a task hands on what it
  /// was given, so that nothing is copied or hashed again.
  package func region(for received: Int32) throws(SystemError) -> any Region {
    if !known.isEmpty, let identity = FileIdentity(received), let region = sentFiles()[identity] {
      close(received)
      return region
    }
    return try SharedMemory.adopt(received)
  }

  private func sentFiles() -> [FileIdentity: any Region] {
    if let files { return files }
    var result: [FileIdentity: any Region] = [:]
    for region in known.values {
      if let identity = region.descriptor.flatMap(FileIdentity.init) { result[identity] = region }
    }
    files = result
    return result
  }
}
