/// The type of a port, input, output or expression: one grammar for the C ABI, `.assay` files and JSON.
package indirect enum ValueType: Hashable, Sendable {
  /// Fits everything and is fitted by everything: what is known after an error, so that one mistake gives one message.
  case any
  case null
  case bool
  case int(Bounds<Int64>?)
  case float(Bounds<Double>?)
  case string
  case bytes
  case list(ValueType)
  case record([RecordField])
  case enumeration([String])
  /// Nil element: any element type. Nil shape: any shape.
  case tensor(ElementType?, [Dimension]?)
  /// Nil: any columns.
  case table([Column]?)
  /// A file with an optional format word (`csv`) or media type.
  case file(String?)
  case directory
  /// A dotted name that plugins declare (`sklearn.model`): opaque bytes or a file.
  case opaque(String)
  case optional(ValueType)

  /// Closed range; a missing end is unbounded.
  package struct Bounds<T: Hashable & Sendable>: Hashable, Sendable {
    package var lower: T?
    package var upper: T?
    package init(_ lower: T?, _ upper: T?) {
      self.lower = lower
      self.upper = upper
    }
  }

  package struct RecordField: Hashable, Sendable {
    package var name: String
    package var type: ValueType
    package init(_ name: String, _ type: ValueType) {
      self.name = name
      self.type = type
    }
  }

  package struct Column: Hashable, Sendable {
    package var name: String
    package var type: ValueType
    package init(_ name: String, _ type: ValueType) {
      self.name = name
      self.type = type
    }
  }

  package enum Dimension: Hashable, Sendable {
    case fixed(Int)
    /// The same name means the same length everywhere in one signature.
    case named(String)
    case unknown
  }
}
