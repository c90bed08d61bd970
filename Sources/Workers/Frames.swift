internal import CProcess
package import Calls
internal import Glibc
internal import Processes
internal import Tasks
package import Values

/// The packets of docs/wire.md as values, and their bytes.
package enum Frame {
  static let magic: UInt32 = 0x3159_5341
  static let headerSize = 12
  /// Largest packet, header included.
  static let packetLimit = 65_536
  static let bodyInDescriptor: UInt16 = 1

  package enum Kind: UInt16 {
    case hello = 1
    case load = 2
    case run = 3
    case bye = 4
    case ready = 101
    case loaded = 102
    case report = 103
  }

  static func hello(memoryLimit: UInt64) -> WireEncoder {
    var body = WireEncoder()
    body.put(UInt32(1))
    body.put(memoryLimit)
    return body
  }

  static func load(path: String, source: String, options: [String]) throws(WireError) -> WireEncoder {
    var body = WireEncoder()
    try body.put(path)
    try body.put(source)
    body.put(UInt32(options.count))
    for option in options { try body.put(option) }
    return body
  }
}

/// A packet that is ready to be sent. Keeps what its descriptors belong to.
struct OutgoingPacket {
  private let header: [UInt8]
  private let body: [UInt8]
  private let descriptors: [Int32]
  private let owners: [any Region]

  init(_ kind: Frame.Kind, _ encoder: WireEncoder, also descriptors: [Int32] = []) throws(SystemError) {
    var owners = encoder.regions
    var attached = descriptors + encoder.regions.compactMap(\.descriptor)
    let fits = encoder.bytes.count + Frame.headerSize <= Frame.packetLimit
    if !fits {
      let file = try SharedMemory.copy(encoder.bytes)
      attached.insert(contentsOf: [file.descriptor].compactMap { $0 }, at: 0)
      owners.append(file)
    }
    var header = WireEncoder()
    header.put(Frame.magic)
    header.put(kind.rawValue)
    header.put(fits ? 0 : Frame.bodyInDescriptor)
    header.put(UInt32(clamping: encoder.bytes.count))
    self.header = header.bytes
    body = fits ? encoder.bytes : []
    self.descriptors = attached
    self.owners = owners
  }

  /// False when the socket is full. EPIPE: the worker is gone.
  func send(_ socket: Int32) throws(SystemError) -> Bool {
    let sent = header.withUnsafeBytes { head in
      body.withUnsafeBytes { body in
        descriptors.withUnsafeBufferPointer {
          cprocess_send(
            socket, head.baseAddress, head.count, body.baseAddress, body.count, $0.baseAddress, Int32($0.count))
        }
      }
    }
    if sent >= 0 { return true }
    if sent == -Int(EAGAIN) || sent == -Int(ENOBUFS) || sent == -Int(ETOOMANYREFS) { return false }
    throw SystemError("send to a worker", number: Int32(-sent))
  }
}

/// A packet that a worker sent.
package struct IncomingPacket {
  package let kind: Frame.Kind
  package var body: WireDecoder

  /// Takes the descriptors over.
  package init(_ bytes: [UInt8], descriptors: [Int32], blobs: BlobTable) throws(WireError) {
    try self.init(bytes, descriptors: descriptors) { (received) throws(SystemError) in try blobs.region(for: received) }
  }

  /// `regionFor` maps a received descriptor, which it owns from then on.
  init(
    _ bytes: [UInt8], descriptors: [Int32], regionFor: (Int32) throws(SystemError) -> any Region
  ) throws(WireError) {
    var regions: [any Region] = []
    for (index, descriptor) in descriptors.enumerated() {
      do throws(SystemError) {
        regions.append(try regionFor(descriptor))
      } catch {
        for rest in descriptors[(index + 1)...] { close(rest) }
        throw WireError("a descriptor that cannot be mapped: \(error)", at: 0)
      }
    }
    var decoder = WireDecoder(bytes, regions: regions)
    guard try decoder.read(UInt32.self) == Frame.magic else { throw WireError("not a packet", at: 0) }
    guard let kind = Frame.Kind(rawValue: try decoder.read()) else { throw WireError("unknown kind of packet", at: 4) }
    let flags = try decoder.read(UInt16.self)
    let count = Int(try decoder.read(UInt32.self))
    guard flags & ~Frame.bodyInDescriptor == 0 else { throw WireError("unknown flags", at: 6) }
    if flags & Frame.bodyInDescriptor != 0 {
      guard let first = regions.first, first.count >= count, decoder.remaining == 0 else {
        throw WireError("the body is missing", at: 8)
      }
      let content = first.withUnsafeBytes { Array($0[..<count]) }
      decoder = WireDecoder(content, regions: Array(regions.dropFirst()))
    } else {
      guard decoder.remaining == count else { throw WireError("a body of another length than announced", at: 8) }
    }
    self.kind = kind
    body = decoder
  }
}
