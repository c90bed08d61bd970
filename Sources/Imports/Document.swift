/// What a document says, free of layout and comments: what its text and its JSON form have in common.
///
/// Both forms are read into it and written from it, and reading back what was written gives the same document.
struct Document: Equatable {
  var uses: [Use] = []
  var workflows: [Workflow] = []
  var experiments: [Experiment] = []

  struct Use: Equatable {
    enum Target: Equatable {
      case plugin([String])
      case path(String)
    }
    var target: Target
    var alias: String?
  }

  struct Workflow: Equatable {
    var name: String
    var doc: String
    var inputs: [Port]
    var steps: [Step]
    var outputs: [Port]
  }

  /// An input with its default or an output with its value.
  struct Port: Equatable {
    var name: String
    var doc: String
    /// Canonical spacing.
    var type: String
    var value: Expression?
  }

  struct Step: Equatable {
    enum Body: Equatable {
      case call(Call)
      case vary(shared: [Member], variants: [Variant], default: String?)
    }
    var name: String
    var doc: String
    var body: Body
    var foreach: Foreach?
    var condition: Expression?
    var phase: String?
    var options: [Option]
  }

  struct Variant: Equatable {
    var name: String
    var doc: String
    var call: Call
  }

  struct Call: Equatable {
    var callee: [String]
    var arguments: [Member]
  }

  struct Foreach: Equatable {
    var items: [String]
    var source: Expression
    var limit: Int64?
  }

  /// `retry 4 on io.timeout`: `retry`, and the words behind it.
  struct Option: Equatable {
    enum Word: Equatable {
      /// A word, a duration, a size or a range, as it is written.
      case word(String)
      case int(Int64)
      case float(Double)
      case string(String)
    }
    var name: String
    var words: [Word]
  }

  /// Kept as its text.
  struct Experiment: Equatable {
    var name: String
    var doc: String
    /// Between the braces.
    var text: String
    /// Written the same way, with another word.
    var isPolicy = false
  }

  struct Member: Equatable {
    var name: String
    var value: Expression
  }

  indirect enum Expression: Equatable {
    case null
    case bool(Bool)
    case int(Int64)
    case float(Double)
    /// Digits that do not fit in 64 bits.
    case number(String)
    /// `5m`, `2GiB`.
    case quantity(String)
    case string(String)
    case reference([String])
    case call([String], [Expression])
    case list([Expression])
    case record([Member])
    case field(Expression, String)
    case unary(String, Expression)
    case binary(String, Expression, Expression)

    /// The narrowest case that holds the digits.
    static func number(text: String) -> Expression {
      if let whole = Int64(text) { return .int(whole) }
      let isWhole = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
      if !isWhole, let number = Double(text), number.isFinite { return .float(number) }
      return .number(text)
    }

    /// `-x`: of a number the number itself, because texts have no negative literals.
    static func negated(_ operand: Expression) -> Expression {
      switch operand {
      case .int(let number) where number > 0 || number == 0: .int(-number)
      case .float(let number) where !(number < 0): .float(-number)
      case .number(let digits): Int64("-" + digits).map { .int($0) } ?? .unary("-", operand)
      default: .unary("-", operand)
      }
    }
  }
}

/// Why a document cannot be carried over.
package struct ImportProblem: Error, Sendable, Equatable, CustomStringConvertible {
  /// Where in the document: `$.workflows[0].steps[2].when`, or `line 3, column 7`.
  package var place: String
  /// What is wrong there, in words that can follow a colon.
  package var message: String

  package init(_ place: String, _ message: String) {
    self.place = place
    self.message = message
  }

  package var description: String { "\(place): \(message)" }
}
