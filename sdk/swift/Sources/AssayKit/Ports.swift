/// What a port declares; the strings of `assay_port`.
struct PortInfo: Sendable {
  var name: String
  var type: String
  var doc: String
  var unit: String
  var defaultJSON: String?
  var isOptional: Bool
}

/// A reference that is shared by all copies of a wrapper, so that an input can be filled in from outside.
final class Box<Value> {
  var value: Value?
  init(_ value: Value?) { self.value = value }
}

/// How the kit finds and fills the inputs of a task, and the fields of a record.
protocol InputPort {
  var info: PortInfo { get }
  /// Reads `value` into the box; nil or null leaves the default. Throws a failure that names the port.
  func fill(_ value: Incoming?) throws
}

/// How the kit finds and collects the outputs of a task.
protocol OutputPort {
  var info: PortInfo { get }
  /// Nil when an optional output was not set.
  func encode(_ scope: Scope, port: UInt32) throws -> Encoded?
}

/// An input of a task.
///
/// ```swift
/// @In("features", doc: "one row per case") var x: Tensor<Double>
/// @In("epsilon", unit: "1", in: 0...1) var epsilon = 1e-9
/// ```
/// A property with a value is a default and need not be given; an optional one is nil when it is not given.
/// The port's type follows from the property's; `type:` refines it (`"tensor<f64>[n, d]"`, `"file<csv>"`).
@propertyWrapper
public struct In<Value: AssayValue>: InputPort {
  let info: PortInfo
  private let box: Box<Value>

  /// What the engine handed over.
  public var wrappedValue: Value {
    guard let value = box.value else { preconditionFailure("input `\(info.name)` is read outside run()") }
    return value
  }

  /// An input that a call has to give, unless its type is optional.
  public init(_ name: String, type: String? = nil, doc: String = "", unit: String = "") {
    self.init(name, type ?? Value.assayType, doc, unit, nil)
  }

  /// An input with a default.
  public init(wrappedValue: Value, _ name: String, type: String? = nil, doc: String = "", unit: String = "") {
    self.init(name, type ?? Value.assayType, doc, unit, wrappedValue)
  }

  /// A number within a range.
  public init(_ name: String, doc: String = "", unit: String = "", in range: ClosedRange<Value>)
  where Value: AssayNumber {
    self.init(name, Value.assayType(in: range), doc, unit, nil)
  }

  /// A number within a range, with a default.
  public init(
    wrappedValue: Value, _ name: String, doc: String = "", unit: String = "", in range: ClosedRange<Value>
  ) where Value: AssayNumber {
    self.init(name, Value.assayType(in: range), doc, unit, wrappedValue)
  }

  private init(_ name: String, _ type: String, _ doc: String, _ unit: String, _ initial: Value?) {
    info = PortInfo(
      name: name, type: type, doc: doc, unit: unit, defaultJSON: initial.map(\.assayJSON), isOptional: false)
    box = Box(initial)
  }

  func fill(_ value: Incoming?) throws {
    if let value, !value.isNull {
      do { box.value = try Value(assay: value) } catch { throw TaskFailure.from(error).about(info.name) }
    } else if box.value == nil {
      guard let none = Value.assayNone else {
        throw TaskFailure("input `\(info.name)` is missing", kind: .input, number: 0).about(info.name)
      }
      box.value = none
    }
  }
}

/// An output of a task. Every output has to be set before `run` returns, unless its type is optional.
@propertyWrapper
public struct Out<Value: AssayValue>: OutputPort {
  let info: PortInfo
  private var value: Value?

  /// What the task will hand over.
  public var wrappedValue: Value {
    get {
      guard let value = value ?? Value.assayNone else {
        preconditionFailure("output `\(info.name)` is read before it is set")
      }
      return value
    }
    set { value = newValue }
  }

  /// An output; `type` refines the port's type.
  public init(_ name: String, type: String? = nil, doc: String = "", unit: String = "") {
    info = PortInfo(
      name: name, type: type ?? Value.assayType, doc: doc, unit: unit, defaultJSON: nil,
      isOptional: Value.assayNone != nil)
  }

  /// An output with a first value.
  public init(wrappedValue: Value, _ name: String, type: String? = nil, doc: String = "", unit: String = "") {
    self.init(name, type: type, doc: doc, unit: unit)
    value = wrappedValue
  }

  func encode(_ scope: Scope, port: UInt32) throws -> Encoded? {
    guard let value else {
      if info.isOptional { return nil }
      throw TaskFailure("the task did not set its output `\(info.name)`", port: info.name, kind: .contract)
    }
    do { return try value.encode(Outlet(scope: scope, port: port)) } catch {
      throw TaskFailure.from(error).about(info.name)
    }
  }
}
