internal import CAssay
internal import CAssayLayouts

extension Tensor: AssayValue {
  /// `tensor<f64>`.
  public static var assayType: String { "tensor<\(Element.elementName)>" }

  /// Reads a tensor where it lies; one that is not dense is copied into row-major order.
  public init(assay value: Incoming) throws {
    try value.expect(ASSAY_TENSOR, "a tensor")
    guard let layout = TensorLayout(value.raw.pointee) else {
      throw TaskFailure("the tensor is not in the main memory or has no valid layout", kind: .contract)
    }
    guard layout.code == Element.dlpackCode, Int(layout.bits) == MemoryLayout<Element>.size * 8 else {
      throw TaskFailure(
        "expected a tensor of \(Element.elementName), got \(layout.elementName)", code: "type.mismatch", kind: .input)
    }
    let count = try Tensor.byteCount(layout.shape)
    guard let data = layout.data else {
      guard count == 0 else { throw TaskFailure("the tensor has a shape but no memory", kind: .contract) }
      self.init(shape: layout.shape, storage: TensorStorage(count: 0))
      return
    }
    let aligned = Int(bitPattern: data) % MemoryLayout<Element>.alignment == 0
    if aligned, layout.contiguous != nil {
      let storage = TensorStorage(data, count: count, owner: .lent(value.raw))
      value.scope.lend(storage)
      self.init(shape: layout.shape, storage: storage)
    } else {
      self.init(shape: layout.shape, storage: TensorStorage(count: count))
      layout.gather(into: storage.pointer, elementBytes: MemoryLayout<Element>.size)
    }
  }

  /// Makes an output of it, without a copy.
  public func encode(_ outlet: Outlet) -> Encoded {
    storage.keep(outlet.scope)
    let layout = outgoingTensor(
      storage: storage, shape: shape, code: Element.dlpackCode, bits: UInt8(MemoryLayout<Element>.size * 8))
    var raw = assay_value()
    raw.kind = ASSAY_TENSOR
    raw.data = UnsafeRawPointer(layout)
    raw.release = releaseTensorValue
    return Encoded(raw)
  }
}

/// A DLPack tensor as data.
struct TensorLayout {
  var data: UnsafeMutableRawPointer?
  var shape: [Int]
  /// In elements.
  var strides: [Int]
  var code: UInt8
  var bits: UInt8

  /// Nil when the value holds no tensor that can be read here.
  init?(_ value: assay_value) {
    guard let tensor = value.data?.assumingMemoryBound(to: kit_dl_tensor.self).pointee else { return nil }
    guard tensor.major == 1, tensor.device_type == 1, tensor.lanes == 1 else { return nil }
    let rank = Int(tensor.ndim)
    guard rank >= 0, rank <= 64, rank == 0 || tensor.shape != nil else { return nil }
    shape = tensor.shape.map { given in (0..<rank).map { Int(given[$0]) } } ?? []
    var dense = 1
    var denseStrides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 1, through: 0, by: -1) {
      denseStrides[axis] = dense
      dense = dense.multipliedReportingOverflow(by: max(shape[axis], 1)).partialValue
    }
    strides = tensor.strides.map { given in (0..<rank).map { Int(given[$0]) } } ?? denseStrides
    // A dimension of length 0 or 1 has no stride worth the name.
    for axis in 0..<rank where shape[axis] <= 1 { strides[axis] = denseStrides[axis] }
    isDense = strides == denseStrides || shape.contains(0)
    data = tensor.data.map { $0 + Int(tensor.byte_offset) }
    code = tensor.code
    bits = tensor.bits
  }

  private let isDense: Bool
  /// The memory when it is dense and row-major.
  var contiguous: UnsafeMutableRawPointer? { isDense ? data : nil }

  var elementName: String {
    let prefix = [0: "i", 1: "u", 2: "f", 4: "bf", 5: "c", 6: "bool"][Int(code)] ?? "type \(code) of bits "
    return code == 6 ? prefix : "\(prefix)\(bits)"
  }

  /// Copies the elements in row-major order.
  func gather(into target: UnsafeMutableRawPointer, elementBytes: Int) {
    guard let data, !shape.contains(0) else { return }
    var index = [Int](repeating: 0, count: shape.count)
    var out = target
    while true {
      let offset = zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }
      out.copyMemory(from: data + offset * elementBytes, byteCount: elementBytes)
      out += elementBytes
      var axis = shape.count - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}

/// A `DLManagedTensorVersioned` that keeps `storage` alive until its deleter is called.
private func outgoingTensor(
  storage: TensorStorage, shape: [Int], code: UInt8, bits: UInt8
) -> UnsafeMutablePointer<kit_dl_tensor> {
  let lengths = UnsafeMutablePointer<Int64>.allocate(capacity: max(shape.count, 1))
  for axis in shape.indices { (lengths + axis).initialize(to: Int64(shape[axis])) }
  let tensor = UnsafeMutablePointer<kit_dl_tensor>.allocate(capacity: 1)
  tensor.initialize(to: kit_dl_tensor())
  tensor.pointee.major = 1
  tensor.pointee.minor = 0
  tensor.pointee.manager_ctx = Unmanaged.passRetained(storage).toOpaque()
  tensor.pointee.deleter = deleteTensor
  tensor.pointee.data = storage.pointer
  tensor.pointee.device_type = 1
  tensor.pointee.ndim = Int32(shape.count)
  tensor.pointee.code = code
  tensor.pointee.bits = bits
  tensor.pointee.lanes = 1
  tensor.pointee.shape = lengths
  return tensor
}

private func deleteTensor(_ tensor: UnsafeMutablePointer<kit_dl_tensor>?) {
  guard let tensor else { return }
  if let owner = tensor.pointee.manager_ctx { Unmanaged<TensorStorage>.fromOpaque(owner).release() }
  tensor.pointee.shape?.deallocate()
  tensor.deallocate()
}

private func releaseTensorValue(_ value: UnsafeMutablePointer<assay_value>?) {
  guard let value, let data = value.pointee.data else { return }
  let tensor = UnsafeMutableRawPointer(mutating: data).assumingMemoryBound(to: kit_dl_tensor.self)
  value.pointee.data = nil
  value.pointee.release = nil
  tensor.pointee.deleter?(tensor)
}
