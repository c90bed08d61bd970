package import Diagnostics

/// A `*.functions.toml`, read and judged: existing functions of shared objects as tasks.
package struct FunctionManifest: Sendable {
  package struct Library: Sendable {
    package var name: String
    /// As `dlopen` takes it: a name that the system searches, or an absolute path.
    package var path: String
    package var headers: [String]
    /// Directories for headers, absolute.
    package var includes: [String]
    package var isFortran: Bool
    package var span: Span
  }

  package struct Structure: Sendable {
    package struct Field: Sendable {
      package var name: String
      package var type: CType
      package var offset: Int
      package var span: Span
    }
    package var name: String
    /// What C calls it: `struct point`, or the name of a typedef.
    package var cName: String
    package var fields: [Field]
    package var size: Int
    package var alignment: Int
    package var span: Span
  }

  package struct Port: Sendable {
    package var name: String
    package var type: String
    package var doc = ""
    package var unit = ""
    package var defaultJSON: String?
    package var isOptional = false
  }

  package struct Parameter: Sendable {
    package var name: String
    package var type: CType
    var role: Role
    package var isInput: Bool
    package var isOutput: Bool
    /// A scalar or struct of which the address is passed.
    package var isByReference: Bool
    var input: Port?
    var output: Port?
    /// A computed value, or a text or number that is always passed.
    var value: Value?
    package var span: Span
    package var typeSpan: Span
  }

  enum Value: Sendable, Hashable {
    case expression(Expression)
    case text(String)
    case float(Double)
  }

  enum Role: Sendable, Hashable {
    case scalar(Scalar)
    case text(capacity: Expression?, used: Expression?)
    case array(ArraySpecification)
    case structure(Int)
    case null
    case callback(Callback)
  }

  struct ArraySpecification: Sendable, Hashable {
    enum Flavour: String, Sendable { case tensor = "t", list = "l", bytes = "b" }
    var flavour: Flavour
    var element: Scalar
    /// Of an input: what each dimension must be, nil: anything. Of an output: what is allocated.
    var shape: [Expression?]
    /// How many elements of a one-dimensional output are kept.
    var used: Expression?
    var isColumnMajor: Bool
  }

  enum Callback: Sendable, Hashable {
    case compare(Scalar, descending: Bool)
    case log
    /// The input is a formula in these names.
    case formula([String])
  }

  /// How a value says that the call has failed.
  struct Status: Sendable {
    var comparison: Expression.Operator
    /// Nil: the null pointer.
    var constant: Int64?
    /// A fixed text, or the function of the library that knows it.
    var message: String?
    var messageFunction: (symbol: String, takesValue: Bool)?
    var codes: [(code: Int64, message: String, kind: String)]
  }

  struct Result: Sendable {
    var type: CType
    var role: Role
    var output: Port?
    var status: Status?
    /// The function that frees a returned pointer; nil: it is borrowed.
    var free: String?
    var span: Span
    var typeSpan: Span
  }

  package struct Function: Sendable {
    package var id: String
    var version: String
    var title = ""
    var doc = ""
    var phase = ""
    var flags: UInt32 = 0
    var threads = "process"
    package var library: Int
    package var symbol: String
    package var isFortran: Bool
    var errno: ErrnoUse = .ignored
    /// How many parameters come before `...`; nil: it is not variadic.
    package var fixedParameters: Int?
    package var parameters: [Parameter]
    var result: Result?
    /// Index of a parameter with the status that it carries after the call.
    var statuses: [(parameter: Int, status: Status)] = []
    var requirements: [(expression: Expression, text: String)] = []
    package var span: Span
    package var symbolSpan: Span

    package var resultType: CType? { result?.type }
    package var resultSpan: Span? { result?.typeSpan }
  }

  enum ErrnoUse: Int, Sendable { case ignored = 0, checked = 1, reported = 2 }

  package let file: SourceFile
  package var id: String
  package var version: String
  package var license: String
  package var doc: String
  package var libraries: [Library]
  package var structures: [Structure]
  package var functions: [Function]
}

extension FunctionManifest {
  /// The library or symbol that is written at a place.
  package func spanOfPlace(line: Int, column: Int) -> Span {
    let spans = libraries.map(\.span) + functions.map(\.symbolSpan)
    return spans.first { file.position(at: $0.start) == (line, column) } ?? .none
  }
}
