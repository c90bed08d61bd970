/// Typed data on a port. A value type; large contents are shared, never copied.
///
/// Only the rare, wide cases are boxed, so that a scalar costs no allocation.
package enum Value: Sendable, Equatable {
  case null
  case bool(Bool)
  case int(Int64)
  case float(Double)
  case string(String)
  indirect case bytes(Payload)
  case list([Value])
  /// Fields in declaration order, names unique.
  case record([Field])
  indirect case tensor(Tensor)
  indirect case table(Table)
  indirect case file(FileReference)
  indirect case directory(FileReference)

  package struct Field: Sendable, Equatable {
    package var name: String
    package var value: Value
    package init(_ name: String, _ value: Value) {
      self.name = name
      self.value = value
    }
  }
}

extension Value {
  /// Refers to no artifact and is none, seen at once.
  package var isScalar: Bool {
    switch self {
    case .null, .bool, .int, .float: true
    case .string(let text): text.utf8.count <= Wire.inlineLimit
    default: false
    }
  }
}

/// A dense C-contiguous array.
package struct Tensor: Sendable, Equatable {
  package var element: ElementType
  package var shape: [Int]
  /// Exactly `element.byteCount * shape.product` bytes, little-endian.
  package var data: Payload

  package init(element: ElementType, shape: [Int], data: Payload) {
    self.element = element
    self.shape = shape
    self.data = data
  }
}

/// The element types of tensors: the names of the type grammar, the codes of DLPack.
package enum ElementType: String, Sendable, CaseIterable {
  case bool, i8, i16, i32, i64, u8, u16, u32, u64, f16, bf16, f32, f64, c64, c128

  package var byteCount: Int {
    switch self {
    case .bool, .i8, .u8: 1
    case .i16, .u16, .f16, .bf16: 2
    case .i32, .u32, .f32: 4
    case .i64, .u64, .f64, .c64: 8
    case .c128: 16
    }
  }

  /// `DLDataTypeCode` and bits of DLPack.
  package var dlpack: (code: UInt8, bits: UInt8) {
    switch self {
    case .bool: (6, 8)
    case .i8: (0, 8)
    case .i16: (0, 16)
    case .i32: (0, 32)
    case .i64: (0, 64)
    case .u8: (1, 8)
    case .u16: (1, 16)
    case .u32: (1, 32)
    case .u64: (1, 64)
    case .f16: (2, 16)
    case .f32: (2, 32)
    case .f64: (2, 64)
    case .bf16: (4, 16)
    case .c64: (5, 64)
    case .c128: (5, 128)
    }
  }

  package init?(dlpackCode code: UInt8, bits: UInt8) {
    guard let match = Self.allCases.first(where: { $0.dlpack == (code, bits) }) else { return nil }
    self = match
  }
}

/// A table in Arrow's memory layout: a struct schema and record batches.
package struct Table: Sendable, Equatable {
  /// The Arrow struct (`+s`) whose children are the columns.
  package var schema: ArrowField
  package var batches: [ArrowArray]

  package init(schema: ArrowField, batches: [ArrowArray]) {
    self.schema = schema
    self.batches = batches
  }

  /// Saturates: the lengths of a null column cost a hostile worker nothing.
  package var rowCount: Int {
    batches.reduce(0) { total, batch in
      let (sum, overflow) = total.addingReportingOverflow(batch.length)
      return overflow ? Int.max : sum
    }
  }
}

/// `ArrowSchema` of the Arrow C data interface, as a value.
package struct ArrowField: Sendable, Equatable {
  package var format: String
  package var name: String
  /// Arrow's encoded key-value metadata, empty when there is none.
  package var metadata: [UInt8]
  /// `ARROW_FLAG_…` bits.
  package var flags: Int64
  package var children: [ArrowField]
  /// Zero or one element: the value type of a dictionary-encoded field.
  package var dictionary: [ArrowField]

  package init(
    format: String, name: String, metadata: [UInt8] = [], flags: Int64 = 2, children: [ArrowField] = [],
    dictionary: [ArrowField] = []
  ) {
    self.format = format
    self.name = name
    self.metadata = metadata
    self.flags = flags
    self.children = children
    self.dictionary = dictionary
  }
}

/// `ArrowArray` of the Arrow C data interface, as a value.
package struct ArrowArray: Sendable, Equatable {
  package var length: Int
  package var nullCount: Int
  package var offset: Int
  /// In the order of the Arrow layout; nil where Arrow allows a null buffer.
  package var buffers: [Payload?]
  package var children: [ArrowArray]
  /// Zero or one element.
  package var dictionary: [ArrowArray]

  package init(
    length: Int, nullCount: Int, offset: Int = 0, buffers: [Payload?], children: [ArrowArray] = [],
    dictionary: [ArrowArray] = []
  ) {
    self.length = length
    self.nullCount = nullCount
    self.offset = offset
    self.buffers = buffers
    self.children = children
    self.dictionary = dictionary
  }
}

/// A file or directory: a path for tools that want one, and the digest that identifies it once stored.
package struct FileReference: Sendable, Equatable {
  /// Absolute path at which the bytes can be read now.
  package var path: String
  /// Bytes; of a directory the sum over its files.
  package var size: Int64
  /// `text/csv`, or empty when unknown.
  package var mediaType: String
  /// Nil until the bytes were hashed.
  package var digest: Digest?

  package init(path: String, size: Int64, mediaType: String = "", digest: Digest? = nil) {
    self.path = path
    self.size = size
    self.mediaType = mediaType
    self.digest = digest
  }

  /// Two references are equal when they name the same content.
  package static func == (a: FileReference, b: FileReference) -> Bool {
    if let x = a.digest, let y = b.digest { return x == y && a.mediaType == b.mediaType }
    return a.path == b.path && a.size == b.size && a.mediaType == b.mediaType
  }
}
