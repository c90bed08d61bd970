internal import CAssay

/// A type that can stand on a port: `Bool`, `Int`, `Double`, `String`, `[UInt8]`, arrays, optionals, `Tensor`, `Table`,
/// `File`, `Directory`, enums that are `AssayEnum`, structs that are `AssayRecord`.
public protocol AssayValue {
  /// The type in the engine's grammar: `list<float>`.
  static var assayType: String { get }
  /// The value of an input that is not given, or nil when there has to be one.
  static var assayNone: Self? { get }
  /// Reads an input. Throws `TaskFailure` when it is of another kind.
  init(assay value: Incoming) throws
  /// Makes an output of it.
  func encode(_ outlet: Outlet) throws -> Encoded
  /// The value as a default in a declaration.
  var assayJSON: String { get }
}

extension AssayValue {
  /// There has to be a value.
  public static var assayNone: Self? { nil }
  /// Without a JSON form it cannot be a default; null stands for "none".
  public var assayJSON: String { "null" }
}

/// A value that the engine hands in; valid while `run` runs.
public struct Incoming {
  let raw: UnsafePointer<assay_value>
  let scope: Scope

  var kind: UInt32 { raw.pointee.kind }
  var isNull: Bool { kind == ASSAY_NULL }

  /// The value's bytes (string, bytes), checked to exist.
  func bytes() throws -> UnsafeRawBufferPointer {
    let count = Int(clamping: raw.pointee.count)
    guard count > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    guard let data = raw.pointee.data else { throw TaskFailure("has a length but no bytes", kind: .contract) }
    return UnsafeRawBufferPointer(start: data, count: count)
  }

  /// The elements of a list or record.
  func elements() throws -> [Incoming] {
    let count = Int(clamping: raw.pointee.count)
    guard count > 0 else { return [] }
    guard let data = raw.pointee.data?.assumingMemoryBound(to: assay_value.self) else {
      throw TaskFailure("has a length but no elements", kind: .contract)
    }
    return (0..<count).map { Incoming(raw: data + $0, scope: scope) }
  }

  /// The fields of a record.
  func fields() throws -> [(name: String, value: Incoming)] {
    try expect(ASSAY_RECORD, "a record")
    let elements = try elements()
    guard elements.isEmpty || raw.pointee.names != nil, let names = raw.pointee.names else { return [] }
    return try elements.enumerated().map { index, element in
      guard let name = names[index] else { throw TaskFailure("has a field without a name", kind: .contract) }
      return (String(cString: name), element)
    }
  }

  func expect(_ wanted: UInt32, _ what: String) throws {
    guard kind == wanted else { throw mismatch(what) }
  }

  func mismatch(_ what: String) -> TaskFailure {
    let names = [
      "null", "bool", "int", "float", "string", "bytes", "list", "record", "tensor", "table", "file", "dir",
    ]
    let got = Int(kind) < names.count ? names[Int(kind)] : "kind \(kind)"
    return TaskFailure("expected \(what), got \(got)", code: "type.mismatch", kind: .input)
  }
}

/// Where an output goes: which attempt and port.
public struct Outlet {
  let scope: Scope
  let port: UInt32
  /// Within a list or record.
  var isNested = false

  var nested: Outlet { Outlet(scope: scope, port: port, isNested: true) }
}

/// An output in the engine's form; owns what it points at until it is handed over.
public struct Encoded: ~Copyable {
  /// The kind of an output that the engine has already taken (a committed file).
  static let committed = UInt32.max

  private var raw: assay_value

  init(_ raw: assay_value) { self.raw = raw }

  init(kind: UInt32, i64: Int64 = 0, f64: Double = 0) {
    raw = assay_value()
    raw.kind = kind
    raw.i64 = i64
    raw.f64 = f64
  }

  /// A value whose memory lives as long as `owner`.
  init(kind: UInt32, data: UnsafeRawPointer?, count: Int, owner: AnyObject) {
    raw = assay_value()
    raw.kind = kind
    raw.data = data
    raw.count = UInt64(count)
    raw.release = releaseOwner
    raw.owner = Unmanaged.passRetained(owner).toOpaque()
  }

  deinit {
    var copy = raw
    copy.release?(&copy)
  }

  /// The C value; whoever takes it has to release it.
  consuming func take() -> assay_value {
    let value = raw
    discard self
    return value
  }
}

/// `assay_value.release` of everything the kit makes: gives up the reference to the owner.
private func releaseOwner(_ value: UnsafeMutablePointer<assay_value>?) {
  guard let value, let owner = value.pointee.owner else { return }
  value.pointee.owner = nil
  value.pointee.release = nil
  Unmanaged<AnyObject>.fromOpaque(owner).release()
}

/// Bytes that an output points at.
final class Block {
  let bytes: UnsafeMutableRawBufferPointer
  init(count: Int) { bytes = .allocate(byteCount: max(count, 1), alignment: 64) }
  convenience init(_ source: UnsafeRawBufferPointer) {
    self.init(count: source.count)
    bytes.copyMemory(from: source)
  }
  deinit { bytes.deallocate() }
}

/// The elements of an outgoing list or record, with the names of a record's fields.
final class Children {
  private let elements: UnsafeMutablePointer<assay_value>
  private let names: UnsafeMutablePointer<UnsafePointer<CChar>?>
  private let capacity: Int
  private(set) var count = 0

  init(capacity: Int) {
    self.capacity = capacity
    elements = .allocate(capacity: max(capacity, 1))
    names = .allocate(capacity: max(capacity, 1))
  }

  deinit {
    for index in 0..<count {
      elements[index].release?(elements + index)
      names[index]?.deallocate()
    }
    elements.deallocate()
    names.deallocate()
  }

  /// Adds an element; at most `capacity` times.
  func append(_ value: consuming Encoded, name: String? = nil) {
    precondition(count < capacity)
    (elements + count).initialize(to: value.take())
    (names + count).initialize(to: name.map(cString))
    count += 1
  }

  func encoded(kind: UInt32) -> Encoded {
    var raw = Encoded(kind: kind, data: elements, count: count, owner: self).take()
    if kind == ASSAY_RECORD { raw.names = UnsafePointer(names) }
    return Encoded(raw)
  }
}

/// A NUL-terminated copy on the heap; an inner NUL ends the text early.
func cString(_ text: String) -> UnsafePointer<CChar> {
  let units = text.utf8CString
  let copy = UnsafeMutablePointer<CChar>.allocate(capacity: units.count)
  units.withUnsafeBufferPointer { source in
    for index in source.indices { (copy + index).initialize(to: source[index]) }
  }
  return UnsafePointer(copy)
}
