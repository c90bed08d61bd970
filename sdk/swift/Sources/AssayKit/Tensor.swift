internal import CAssay

/// A number type that tensors hold.
public protocol TensorElement: BitwiseCopyable, Sendable {
  /// The name in the type grammar: `f64`.
  static var elementName: String { get }
  /// DLPack's type code: 0 int, 1 unsigned, 2 float.
  static var dlpackCode: UInt8 { get }
  /// What new tensors are filled with.
  static var zero: Self { get }
}

extension Double: TensorElement {
  /// `f64`
  public static var elementName: String { "f64" }
  /// Float.
  public static var dlpackCode: UInt8 { 2 }
}
extension Float: TensorElement {
  /// `f32`
  public static var elementName: String { "f32" }
  /// Float.
  public static var dlpackCode: UInt8 { 2 }
}
extension FixedWidthInteger where Self: BitwiseCopyable & Sendable {
  /// `i32`, `u8`…
  public static var elementName: String { (isSigned ? "i" : "u") + "\(bitWidth)" }
  /// Int or unsigned.
  public static var dlpackCode: UInt8 { isSigned ? 0 : 1 }
}
extension Int: TensorElement {}
extension Int8: TensorElement {}
extension Int16: TensorElement {}
extension Int32: TensorElement {}
extension Int64: TensorElement {}
extension UInt8: TensorElement {}
extension UInt16: TensorElement {}
extension UInt32: TensorElement {}
extension UInt64: TensorElement {}

/// A dense array of any rank, in row-major order. A value type: copies share memory until one is changed.
///
/// An input is read where it lies, without a copy; `Context.tensor` makes one that goes out without a copy.
/// Indices are checked. Loops over many elements are fastest in `read` and `change`.
public struct Tensor<Element: TensorElement>: @unchecked Sendable {
  /// Lengths of the dimensions; empty for a single number.
  public private(set) var shape: [Int]
  // Changed only while uniquely referenced, which is what makes the value safe to send.
  private(set) var storage: TensorStorage

  init(shape: [Int], storage: TensorStorage) {
    self.shape = shape
    self.storage = storage
  }

  /// `count` copies of `value`. Every length is at least 0.
  public init(_ shape: [Int], repeating value: Element = .zero) {
    precondition(shape.allSatisfy { $0 >= 0 }, "a length below 0")
    let count = shape.reduce(1, *)
    self.init(shape: shape, storage: TensorStorage(count: count * MemoryLayout<Element>.stride))
    storage.elements(Element.self).initialize(repeating: value)
  }

  /// The elements in row-major order; `shape` defaults to one dimension. Its product is the number of elements.
  public init(_ elements: [Element], shape: [Int]? = nil) {
    let shape = shape ?? [elements.count]
    precondition(shape.reduce(1, *) == elements.count, "\(elements.count) elements do not fill \(shape)")
    self.init(shape: shape, storage: TensorStorage(count: elements.count * MemoryLayout<Element>.stride))
    _ = storage.elements(Element.self).initialize(from: elements)
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }
  /// A copy of the elements in row-major order. O(count).
  public var elements: [Element] { Array(storage.elements(Element.self)) }

  /// The same elements under another shape of the same product. O(1).
  public func reshaped(_ shape: [Int]) -> Tensor {
    precondition(shape.reduce(1, *) == count, "\(count) elements do not fill \(shape)")
    return Tensor(shape: shape, storage: storage)
  }

  /// The elements in place, for fast loops.
  public func read<R>(_ body: (Span<Element>) throws -> R) rethrows -> R {
    let elements = UnsafeBufferPointer(storage.elements(Element.self))
    defer { withExtendedLifetime(storage) {} }
    return try body(elements.span)
  }

  /// The elements in place, to be changed; copies first when the memory is shared or an input.
  public mutating func change<R>(_ body: (inout MutableSpan<Element>) throws -> R) rethrows -> R {
    makeUnique()
    let elements = storage.elements(Element.self)
    var span = elements.mutableSpan
    defer { withExtendedLifetime(storage) {} }
    return try body(&span)
  }

  private mutating func makeUnique() {
    if !isKnownUniquelyReferenced(&storage) || storage.isReadOnly { storage = storage.copy() }
  }

  /// An element by its position in row-major order.
  public subscript(flat index: Int) -> Element {
    get { storage.elements(Element.self)[checked(index, count)] }
    set {
      makeUnique()
      storage.elements(Element.self)[checked(index, count)] = newValue
    }
  }

  /// An element of a vector.
  public subscript(index: Int) -> Element {
    get { self[flat: checkedRank(1, index)] }
    set { self[flat: checkedRank(1, index)] = newValue }
  }

  /// An element of a matrix.
  public subscript(row: Int, column: Int) -> Element {
    get { self[flat: offset(row, column)] }
    set { self[flat: offset(row, column)] = newValue }
  }

  /// An element of a tensor of any rank.
  public subscript(index: [Int]) -> Element {
    get { self[flat: offset(index)] }
    set { self[flat: offset(index)] = newValue }
  }

  private func checked(_ index: Int, _ count: Int) -> Int {
    precondition(index >= 0 && index < count, "index \(index) is outside 0..<\(count)")
    return index
  }

  private func checkedRank(_ rank: Int, _ index: Int) -> Int {
    precondition(shape.count == rank, "\(rank) index for a tensor of rank \(shape.count)")
    return index
  }

  private func offset(_ row: Int, _ column: Int) -> Int {
    precondition(shape.count == 2, "2 indices for a tensor of rank \(shape.count)")
    return checked(row, shape[0]) * shape[1] + checked(column, shape[1])
  }

  private func offset(_ index: [Int]) -> Int {
    precondition(index.count == shape.count, "\(index.count) indices for a tensor of rank \(shape.count)")
    return zip(index, shape).reduce(0) { $0 * $1.1 + checked($1.0, $1.1) }
  }

  /// The bytes that `shape` needs. Throws when that is more than an Int can count.
  static func byteCount(_ shape: [Int]) throws -> Int {
    var bytes = MemoryLayout<Element>.stride
    for length in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: length)
      guard length >= 0, !overflow else { throw TaskFailure("the shape \(shape) is not possible", kind: .input) }
      bytes = product
    }
    return bytes
  }
}

extension Tensor: Equatable where Element: Equatable {
  /// Same shape and equal elements.
  public static func == (a: Tensor, b: Tensor) -> Bool {
    a.shape == b.shape && a.storage.elements(Element.self).elementsEqual(b.storage.elements(Element.self))
  }
}

/// The memory of a tensor and who frees it.
final class TensorStorage {
  enum Owner {
    /// Allocated here.
    case own
    /// Lies in a value of the engine that is ours to release.
    case value(assay_value)
    /// Lent until the attempt ends.
    case lent(UnsafePointer<assay_value>)
  }

  private(set) var pointer: UnsafeMutableRawPointer
  let count: Int
  private(set) var owner: Owner

  init(_ pointer: UnsafeMutableRawPointer, count: Int, owner: Owner) {
    self.pointer = pointer
    self.count = count
    self.owner = owner
  }

  /// Fresh, uninitialised memory.
  init(count: Int) {
    pointer = .allocate(byteCount: max(count, 1), alignment: 64)
    self.count = count
    owner = .own
  }

  deinit { free() }

  private func free() {
    switch owner {
    case .own: pointer.deallocate()
    case .value(var value): value.release?(&value)
    case .lent: break
    }
  }

  /// Somebody else may be looking at it.
  var isReadOnly: Bool { if case .lent = owner { true } else { false } }

  func elements<Element: TensorElement>(_: Element.Type) -> UnsafeMutableBufferPointer<Element> {
    let count = count / MemoryLayout<Element>.stride
    return UnsafeMutableBufferPointer(start: pointer.assumingMemoryBound(to: Element.self), count: count)
  }

  func zero() {
    _ = UnsafeMutableRawBufferPointer(start: pointer, count: count).initializeMemory(as: UInt8.self, repeating: 0)
  }

  func copy() -> TensorStorage {
    let copy = TensorStorage(count: count)
    copy.pointer.copyMemory(from: pointer, byteCount: count)
    return copy
  }

  /// Makes lent memory our own, by a copy.
  func detach() {
    guard case .lent = owner else { return }
    let own = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: 64)
    own.copyMemory(from: pointer, byteCount: count)
    pointer = own
    owner = .own
  }

  /// Takes a reference of its own to lent memory, where the engine gives one, before it goes out again.
  func keep(_ scope: Scope) {
    guard case .lent(let value) = owner else { return }
    var kept = assay_value()
    if let retain = scope.host.pointee.retain, retain(scope.run, value, &kept) == ASSAY_OK {
      // Without a release it is good until the attempt ends, as before.
      guard kept.release != nil else { return }
      if let data = TensorLayout(kept)?.contiguous {
        pointer = data
        owner = .value(kept)
        return
      }
      kept.release?(&kept)
    }
  }
}
