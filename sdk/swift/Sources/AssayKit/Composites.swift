internal import CAssay

extension Array: AssayValue where Element: AssayValue {
  /// `list<T>`; `[UInt8]` is `bytes`.
  public static var assayType: String { Element.self == UInt8.self ? "bytes" : "list<\(Element.assayType)>" }

  /// Reads a list, or bytes.
  public init(assay value: Incoming) throws {
    if Element.self == UInt8.self {
      try value.expect(ASSAY_BYTES, "bytes")
      guard let bytes = Array<UInt8>(try value.bytes()) as? [Element] else { throw value.mismatch("bytes") }
      self = bytes
      return
    }
    try value.expect(ASSAY_LIST, "a list")
    self = try value.elements().map { try Element(assay: $0) }
  }

  /// Makes an output of it.
  public func encode(_ outlet: Outlet) throws -> Encoded {
    // An empty array of anything casts to [UInt8]: the type decides, not the cast.
    if Element.self == UInt8.self, let bytes = self as? [UInt8] {
      let block = bytes.withUnsafeBytes { Block($0) }
      return Encoded(kind: ASSAY_BYTES, data: block.bytes.baseAddress, count: bytes.count, owner: block)
    }
    let children = Children(capacity: count)
    for element in self { children.append(try element.encode(outlet.nested)) }
    return children.encoded(kind: ASSAY_LIST)
  }

  /// A JSON list; bytes have no JSON form.
  public var assayJSON: String {
    Element.self == UInt8.self ? "null" : "[" + map(\.assayJSON).joined(separator: ", ") + "]"
  }
}

extension UInt8: AssayValue {
  /// A byte alone is an int within 0…255.
  public static var assayType: String { "int(0..255)" }
  /// Reads an int within 0…255.
  public init(assay value: Incoming) throws {
    guard let byte = UInt8(exactly: try Int(assay: value)) else { throw value.mismatch("an int within 0 and 255") }
    self = byte
  }
  /// Makes an output of it.
  public func encode(_ outlet: Outlet) -> Encoded { Int(self).encode(outlet) }
}

/// An enum with string raw values as a value: `enum Link: String, CaseIterable, AssayEnum { case logit, probit }`.
public protocol AssayEnum: AssayValue, RawRepresentable, CaseIterable where RawValue == String {}

extension AssayEnum {
  /// `enum("logit", "probit")`.
  public static var assayType: String { "enum(" + allCases.map(\.rawValue.assayJSON).joined(separator: ", ") + ")" }
  /// Reads one of the words.
  public init(assay value: Incoming) throws {
    let word = try String(assay: value)
    guard let known = Self(rawValue: word) else {
      let words = Self.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
      throw TaskFailure("`\(word)` is none of \(words)", kind: .input)
    }
    self = known
  }
  /// Makes an output of it.
  public func encode(_ outlet: Outlet) -> Encoded { rawValue.encode(outlet) }
  /// The word in quotes.
  public var assayJSON: String { rawValue.assayJSON }
}

/// A struct as a record; each field is marked with `@Field`.
///
/// ```swift
/// struct Fold: AssayRecord {
///   @Field("train") var train: Table
///   @Field("test") var test: Table
/// }
/// ```
public protocol AssayRecord: AssayValue {
  /// Written by the compiler when every property has a wrapper or a default.
  init()
}

extension AssayRecord {
  /// `{train: table, test: table}`.
  public static var assayType: String {
    "{" + Self().fields.map { "\($0.info.name): \($0.info.type)" }.joined(separator: ", ") + "}"
  }

  private var fields: [any RecordField] {
    Mirror(reflecting: self).children.compactMap { $0.value as? any RecordField }
  }

  /// Reads a record; fields that the struct does not have are ignored.
  public init(assay value: Incoming) throws {
    self.init()
    let given = try value.fields()
    for field in fields { try field.fill(given.first { $0.name == field.info.name }?.value) }
  }

  /// Makes an output of it.
  public func encode(_ outlet: Outlet) throws -> Encoded {
    let fields = fields
    let children = Children(capacity: fields.count)
    for field in fields { children.append(try field.encode(outlet.nested), name: field.info.name) }
    return children.encoded(kind: ASSAY_RECORD)
  }

  /// A JSON object.
  public var assayJSON: String {
    "{" + fields.map { "\($0.info.name.assayJSON): \($0.json)" }.joined(separator: ", ") + "}"
  }
}

/// How the kit finds and fills the fields of a record.
protocol RecordField: InputPort {
  func encode(_ outlet: Outlet) throws -> Encoded
  var json: String { get }
}

/// A field of an `AssayRecord`.
@propertyWrapper
public struct Field<Value: AssayValue>: RecordField {
  let info: PortInfo
  private var box: Box<Value>

  /// The field's value.
  public var wrappedValue: Value {
    get {
      guard let value = box.value else { preconditionFailure("field `\(info.name)` is read before it is set") }
      return value
    }
    // Copies of the record share the box, so a change makes a new one.
    set { box = Box(newValue) }
  }

  /// A field that has to be given, unless its type is optional.
  public init(_ name: String, type: String? = nil) {
    info = PortInfo(
      name: name, type: type ?? Value.assayType, doc: "", unit: "", defaultJSON: nil, isOptional: false)
    box = Box(Value.assayNone)
  }

  /// A field with a first value.
  public init(wrappedValue: Value, _ name: String, type: String? = nil) {
    self.init(name, type: type)
    box.value = wrappedValue
  }

  func fill(_ value: Incoming?) throws {
    if let value, !value.isNull {
      do { box.value = try Value(assay: value) } catch {
        var failure = TaskFailure.from(error)
        failure.message = "field `\(info.name)`: \(failure.message)"
        throw failure
      }
    } else if box.value == nil {
      throw TaskFailure("field `\(info.name)` is missing", kind: .input)
    }
  }

  func encode(_ outlet: Outlet) throws -> Encoded {
    guard let value = box.value else { throw TaskFailure("field `\(info.name)` is not set", kind: .contract) }
    return try value.encode(outlet)
  }

  var json: String { box.value?.assayJSON ?? "null" }
}
