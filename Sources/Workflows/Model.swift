package import Diagnostics
package import Tasks
package import Values

/// A checked document and everything it uses: names resolved, every expression typed.
package struct Program: Sendable {
  /// All workflows reachable from the root file, its own first.
  package var workflows: [Workflow]
  /// The tasks that workflows call, each once.
  package var tasks: [InstalledTask]
  /// The files that were read, root first.
  package var files: [SourceFile]

  /// The artifacts that expressions name: `raw/churn@v3`.
  package var artifacts: [String]
  /// Of the root file.
  package var experiments: [Experiment]
  /// Of the root file.
  package var policies: [Policy]

  package init(
    workflows: [Workflow], tasks: [InstalledTask], files: [SourceFile], artifacts: [String] = [],
    experiments: [Experiment] = [], policies: [Policy] = []
  ) {
    self.workflows = workflows
    self.tasks = tasks
    self.files = files
    self.artifacts = artifacts
    self.experiments = experiments
    self.policies = policies
  }
}

package struct Workflow: Sendable {
  package var name: String
  package var doc: String
  package var file: SourceFile
  package var nameSpan: Span
  package var inputs: [Input]
  /// In an order in which each step comes after the steps that it refers to.
  package var steps: [Step]
  package var outputs: [Output]

  package init(
    name: String, doc: String, file: SourceFile, nameSpan: Span, inputs: [Input], steps: [Step], outputs: [Output]
  ) {
    self.name = name
    self.doc = doc
    self.file = file
    self.nameSpan = nameSpan
    self.inputs = inputs
    self.steps = steps
    self.outputs = outputs
  }

  package struct Input: Sendable {
    package var name: String
    package var type: ValueType
    package var doc: String
    /// Constant: it refers to nothing.
    package var `default`: Expression?
    package var span: Span
    package init(name: String, type: ValueType, doc: String, default: Expression?, span: Span) {
      self.name = name
      self.type = type
      self.doc = doc
      self.default = `default`
      self.span = span
    }
  }

  package struct Output: Sendable {
    package var name: String
    package var type: ValueType
    package var doc: String
    package var value: Expression
    package var span: Span
    package init(name: String, type: ValueType, doc: String, value: Expression, span: Span) {
      self.name = name
      self.type = type
      self.doc = doc
      self.value = value
      self.span = span
    }
  }
}

/// One use of a task or workflow. A plain step has one variant, named "".
package struct Step: Sendable {
  package var name: String
  package var doc: String
  package var variants: [Variant]
  /// Index into `variants`.
  package var defaultVariant: Int
  /// Types as seen from outside: lifted to `list<T>` by `foreach` and then to `T?` by `when`.
  package var outputs: [ValueType.RecordField]
  /// The phase given with `@`, or nil: the task's own.
  package var phase: String?
  package var options: StepOptions
  package var span: Span
  private var clauses: Clauses?

  package init(
    name: String, doc: String, variants: [Variant], defaultVariant: Int, outputs: [ValueType.RecordField],
    foreach: Foreach?, condition: Expression?, phase: String?, options: StepOptions, span: Span
  ) {
    self.name = name
    self.doc = doc
    self.variants = variants
    self.defaultVariant = defaultVariant
    self.outputs = outputs
    self.phase = phase
    self.options = options
    self.span = span
    if foreach != nil || condition != nil { clauses = Clauses(foreach: foreach, condition: condition) }
  }

  package var foreach: Foreach? { clauses?.foreach }
  package var condition: Expression? { clauses?.condition }

  /// What few steps have lies in an object of its own.
  private final class Clauses: Sendable {
    let foreach: Foreach?
    let condition: Expression?

    init(foreach: Foreach?, condition: Expression?) {
      self.foreach = foreach
      self.condition = condition
    }
  }

  package var isVariabilityPoint: Bool { variants.count > 1 || variants.first?.name != "" }

  package struct Variant: Sendable {
    package var name: String
    package var callee: Callee
    /// By parameter; arguments shared by all variants of a `vary` are merged in. Missing ones take their default.
    package var arguments: [Argument]
    package init(name: String, callee: Callee, arguments: [Argument]) {
      self.name = name
      self.callee = callee
      self.arguments = arguments
    }
  }

  package enum Callee: Sendable, Equatable {
    /// Index into `Program.tasks`.
    case task(Int)
    /// Index into `Program.workflows`.
    case workflow(Int)
  }

  package struct Argument: Sendable {
    package var name: String
    package var value: Expression
    package init(name: String, value: Expression) {
      self.name = name
      self.value = value
    }
  }

  package struct Foreach: Sendable {
    /// One name, or one per zipped list.
    package var bindings: [String]
    /// A list of items, or (several bindings) a list of records whose fields are in the order of the bindings.
    package var source: Expression
    /// At most so many at a time.
    package var limit: Int?
    package init(bindings: [String], source: Expression, limit: Int?) {
      self.bindings = bindings
      self.source = source
      self.limit = limit
    }
  }
}

/// A typed expression. `type` is what the checker found.
package struct Expression: Sendable {
  package enum Kind: Sendable {
    case literal(Value)
    /// An input of the workflow, by index.
    case input(Int)
    /// A whole output of a step: indices into `Workflow.steps` and `Step.outputs`.
    case output(step: Int, port: Int)
    /// Whether a conditional step ran (`trim.ran`).
    case ran(step: Int)
    /// A `foreach` binding of the step that the expression is in, by index.
    case binding(Int)
    indirect case unary(UnaryOperator, Expression)
    indirect case binary(BinaryOperator, Expression, Expression)
    case call(Builtin, [Expression])
    case list([Expression])
    case record([(name: String, value: Expression)])
    indirect case field(Expression, String)
    /// `artifact("name@v3")` of the store: a literal whose value the plan is given.
    case artifact(String)
    /// After an error; never evaluated.
    case invalid
  }

  package var kind: Kind
  package var type: ValueType
  package var span: Span

  package init(_ kind: Kind, _ type: ValueType, _ span: Span) {
    self.kind = kind
    self.type = type
    self.span = span
  }
}

package enum UnaryOperator: String, Sendable { case not, negate = "-" }

package enum BinaryOperator: String, Sendable, CaseIterable {
  case coalesce = "??"
  case or, and
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case greater = ">"
  case lessOrEqual = "<="
  case greaterOrEqual = ">="
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
}

/// The functions of the expression language.
package enum Builtin: String, Sendable, CaseIterable {
  /// `zip(a, b, …)`: lists of the same length → list of records `{_0, _1, …}`.
  case zip
  /// `size(list | string | record)` → int.
  case size
  /// `contains(list, x)` → bool.
  case contains
  /// `fmt("AUC {} of {}", a, b)` → string.
  case fmt
  /// `range(n)`, `range(a, b)` → list<int>.
  case range
  /// `min`, `max`, `sum`, `mean` of a list of numbers.
  case min, max, sum, mean
  /// `file("path")`, `dir("path")`: a file given by path relative to the document.
  case file, dir
  case int, float, string
}
