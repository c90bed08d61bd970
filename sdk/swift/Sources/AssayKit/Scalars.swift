internal import CAssay

/// A number, whose port may have a range.
public protocol AssayNumber: AssayValue, Comparable {
  /// `int(2..20)`.
  static func assayType(in range: ClosedRange<Self>) -> String
}

extension Bool: AssayValue {
  /// `bool`.
  public static var assayType: String { "bool" }
  /// Reads a bool.
  public init(assay value: Incoming) throws {
    try value.expect(ASSAY_BOOL, "a bool")
    self = value.raw.pointee.i64 != 0
  }
  /// Makes an output of it.
  public func encode(_ outlet: Outlet) -> Encoded { Encoded(kind: ASSAY_BOOL, i64: self ? 1 : 0) }
  /// `true` or `false`.
  public var assayJSON: String { self ? "true" : "false" }
}

extension Int: AssayNumber {
  /// `int`.
  public static var assayType: String { "int" }
  /// `int(2..20)`; an end at the type's limit is left open.
  public static func assayType(in range: ClosedRange<Int>) -> String {
    "int(\(range.lowerBound == .min ? "" : "\(range.lowerBound)")..\(range.upperBound == .max ? "" : "\(range.upperBound)"))"
  }
  /// Reads an int.
  public init(assay value: Incoming) throws {
    try value.expect(ASSAY_I64, "an int")
    self = Int(value.raw.pointee.i64)
  }
  /// Makes an output of it.
  public func encode(_ outlet: Outlet) -> Encoded { Encoded(kind: ASSAY_I64, i64: Int64(self)) }
  /// Its digits.
  public var assayJSON: String { "\(self)" }
}

extension Double: AssayNumber {
  /// `float`.
  public static var assayType: String { "float" }
  /// `float(0.0..1.0)`; an infinite end is left open.
  public static func assayType(in range: ClosedRange<Double>) -> String {
    "float(\(range.lowerBound.isFinite ? "\(range.lowerBound)" : "")..\(range.upperBound.isFinite ? "\(range.upperBound)" : ""))"
  }
  /// Reads a float; an int is widened.
  public init(assay value: Incoming) throws {
    switch value.kind {
    case ASSAY_F64: self = value.raw.pointee.f64
    case ASSAY_I64: self = Double(value.raw.pointee.i64)
    default: throw value.mismatch("a float")
    }
  }
  /// Makes an output of it.
  public func encode(_ outlet: Outlet) -> Encoded { Encoded(kind: ASSAY_F64, f64: self) }
  /// The shortest text that reads back as the same number; null when it is not finite.
  public var assayJSON: String { isFinite ? "\(self)" : "null" }
}

extension String: AssayValue {
  /// `string`.
  public static var assayType: String { "string" }
  /// Reads a string; the engine has checked that it is UTF-8, anything else is repaired.
  public init(assay value: Incoming) throws {
    try value.expect(ASSAY_STRING, "a string")
    self = String(decoding: try value.bytes(), as: UTF8.self)
  }
  /// Makes an output of it.
  public func encode(_ outlet: Outlet) -> Encoded {
    var copy = self
    let block = copy.withUTF8 { Block(UnsafeRawBufferPointer($0)) }
    return Encoded(kind: ASSAY_STRING, data: block.bytes.baseAddress, count: utf8.count, owner: block)
  }
  /// A JSON string.
  public var assayJSON: String {
    var text = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}

extension Optional: AssayValue where Wrapped: AssayValue {
  /// `T?`.
  public static var assayType: String { Wrapped.assayType + "?" }
  /// Nil when it is not given.
  public static var assayNone: Wrapped?? { .some(nil) }
  /// Reads a value, or nil for null.
  public init(assay value: Incoming) throws { self = value.isNull ? nil : try Wrapped(assay: value) }
  /// Makes an output of it.
  public func encode(_ outlet: Outlet) throws -> Encoded {
    switch self {
    case .none: Encoded(kind: ASSAY_NULL)
    case .some(let wrapped): try wrapped.encode(outlet)
    }
  }
  /// The value or `null`.
  public var assayJSON: String { self?.assayJSON ?? "null" }
}
