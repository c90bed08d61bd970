extension Tensor {
  package var elementCount: Int { shape.reduce(1, *) }

  /// Element `index` in C order: bool, int, float, or `[real, imaginary]`. A `u64` beyond 63 bits becomes a float.
  package func json(_ index: Int, _ bytes: UnsafeRawBufferPointer) -> JSON {
    func load<T>(_: T.Type, _ part: Int = 0, parts: Int = 1) -> T {
      bytes.loadUnaligned(fromByteOffset: (index * parts + part) * MemoryLayout<T>.size, as: T.self)
    }
    switch element {
    case .bool: return .bool(bytes[index] != 0)
    case .i8: return .int(Int64(load(Int8.self)))
    case .u8: return .int(Int64(load(UInt8.self)))
    case .i16: return .int(Int64(load(Int16.self)))
    case .u16: return .int(Int64(load(UInt16.self)))
    case .i32: return .int(Int64(load(Int32.self)))
    case .u32: return .int(Int64(load(UInt32.self)))
    case .i64: return .int(load(Int64.self))
    case .u64:
      let number = load(UInt64.self)
      return Int64(exactly: number).map { .int($0) } ?? .float(Double(number))
    case .f16: return .float(Double(load(Float16.self)))
    case .bf16: return .float(Double(Float(bitPattern: UInt32(load(UInt16.self)) << 16)))
    case .f32: return .float(Double(load(Float.self)))
    case .f64: return .float(load(Double.self))
    case .c64: return [.float(Double(load(Float.self, parts: 2))), .float(Double(load(Float.self, 1, parts: 2)))]
    case .c128: return [.float(load(Double.self, parts: 2)), .float(load(Double.self, 1, parts: 2))]
    }
  }
}

extension ElementType {
  var isComplex: Bool { self == .c64 || self == .c128 }

  /// Appends one element; false when `json` is not an element of this type.
  func append(_ json: JSON, to bytes: inout [UInt8]) -> Bool {
    func put<T>(_ value: T?) -> Bool {
      guard let value else { return false }
      withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
      return true
    }
    func integer<T: FixedWidthInteger>(_: T.Type) -> Bool { put(json.asInt.flatMap { T(exactly: $0) }) }
    switch self {
    case .bool: return put(json.asBool.map { $0 ? UInt8(1) : 0 })
    case .i8: return integer(Int8.self)
    case .u8: return integer(UInt8.self)
    case .i16: return integer(Int16.self)
    case .u16: return integer(UInt16.self)
    case .i32: return integer(Int32.self)
    case .u32: return integer(UInt32.self)
    case .i64: return integer(Int64.self)
    case .u64: return integer(UInt64.self)
    case .f16: return put(json.number.map { Float16($0) })
    case .bf16: return put(json.number.map { Self.bfloat($0) })
    case .f32: return put(json.number.map { Float($0) })
    case .f64: return put(json.number)
    case .c64, .c128:
      guard let parts = json.asArray, parts.count == 2 else { return false }
      let part: ElementType = self == .c64 ? .f32 : .f64
      return part.append(parts[0], to: &bytes) && part.append(parts[1], to: &bytes)
    }
  }

  /// The upper half of a float, rounded to nearest even; NaN stays NaN.
  private static func bfloat(_ value: Double) -> UInt16 {
    let bits = Float(value).bitPattern
    if value.isNaN { return UInt16(bits >> 16) | 0x40 }
    return UInt16(truncatingIfNeeded: (UInt64(bits) + 0x7FFF + UInt64(bits >> 16 & 1)) >> 16)
  }
}

extension JSON {
  /// A number, or one of the strings that stand for numbers that JSON lacks.
  var number: Double? {
    switch self {
    case .string("nan"): .nan
    case .string("inf"): .infinity
    case .string("-inf"): -.infinity
    default: asDouble
    }
  }
}
