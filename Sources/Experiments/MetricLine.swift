internal import Diagnostics
package import Workflows

/// A line of `metrics` as people change it while an experiment goes on.
///
/// `loss minimize limit 0.4`: another direction or limit. `auc`: only reported from now on. `score = auc - 0.1 * loss maximize`:
/// a new metric, which weighs others. What trials measured stays as it is; none runs again.
package struct MetricLine: Sendable {
  package let name: String
  /// Of a metric that weighs others: how much of which, by place.
  package let terms: [Term]
  package let isMaximized: Bool
  /// Reported, not optimised.
  package let isWatched: Bool
  package let limit: Double?

  package struct Term: Sendable, Equatable {
    package var weight: Double
    package var metric: Int
  }

  /// - Parameter metrics: those that there are.
  package init(_ text: String, _ metrics: [Experiment.Metric]) throws(ConfigurationError) {
    var words = try Words(text)
    name = try words.name("the name of a metric")
    var terms: [Term] = []
    if words.take("=") {
      repeat {
        terms.append(try Self.term(&words, isFirst: terms.isEmpty, metrics))
      } while words.next == "+" || words.next == "-"
    }
    self.terms = terms
    var (direction, limit): (Bool?, Double?) = (nil, nil)
    while let word = words.next {
      _ = words.take(word)
      switch word {
      case "maximize", "minimize":
        guard direction == nil else { throw ConfigurationError(message: "a metric has one direction", help: Self.help) }
        direction = word == "maximize"
      case "limit": limit = try words.number()
      default:
        let near = nearest(word, ["maximize", "minimize", "limit"]).map { "did you mean `\($0)`?" }
        throw ConfigurationError(message: "a metric has no `\(word)`", help: near ?? Self.help)
      }
    }
    if limit != nil, direction == nil {
      throw ConfigurationError(message: "a limit needs a direction: is more better, or less?", help: Self.help)
    }
    isMaximized = direction ?? false
    isWatched = direction == nil
    self.limit = limit
  }

  private static let help =
    "such as `loss minimize limit 0.4`, `loss` (only reported), or `score = auc - 0.1 * loss maximize`"

  /// `- 0.1 * loss`.
  private static func term(
    _ words: inout Words, isFirst: Bool, _ metrics: [Experiment.Metric]
  ) throws(ConfigurationError) -> Term {
    let isNegative = words.take("-")
    if !isNegative, !isFirst { _ = words.take("+") }
    var weight = 1.0
    if words.nextIsNumber {
      weight = try words.number()
      guard words.take("*") else {
        throw ConfigurationError(message: "a weight stands before a metric: `\(weight) * NAME`", help: Self.help)
      }
    }
    let name = try words.name("a metric")
    guard let place = metrics.firstIndex(where: { $0.name == name }) else {
      throw ConfigurationError(
        message: "there is no metric `\(name)` to weigh",
        help: nearest(name, metrics.map(\.name)).map { "did you mean `\($0)`?" }
          ?? "metrics: \(metrics.map(\.name).joined(separator: ", "))")
    }
    return Term(weight: isNegative ? -weight : weight, metric: place)
  }

  /// Names, numbers and signs, one after the other.
  private struct Words {
    private var rest: ArraySlice<String>

    init(_ text: String) throws(ConfigurationError) {
      var words: [String] = []
      var word = ""
      func end() {
        if !word.isEmpty { words.append(word) }
        word = ""
      }
      for character in text {
        // The sign of an exponent belongs to its number.
        let isExponent = (word.last == "e" || word.last == "E") && word.first?.isNumber == true
        if character.isWhitespace {
          end()
        } else if "=*+-".contains(character), !isExponent {
          end()
          words.append(String(character))
        } else {
          word.append(character)
        }
      }
      end()
      guard !words.isEmpty else { throw ConfigurationError(message: "nothing is written there", help: MetricLine.help) }
      rest = words[...]
    }

    var next: String? { rest.first }
    var nextIsNumber: Bool { rest.first.flatMap { Double($0) } != nil }

    mutating func take(_ word: String) -> Bool {
      guard rest.first == word else { return false }
      rest.removeFirst()
      return true
    }

    mutating func name(_ what: String) throws(ConfigurationError) -> String {
      guard let word = rest.popFirst(), let first = word.first, first.isLetter || first == "_",
        word.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
      else { throw ConfigurationError(message: "\(what) is missing", help: MetricLine.help) }
      return word
    }

    mutating func number() throws(ConfigurationError) -> Double {
      let isNegative = take("-")
      guard let word = rest.popFirst(), let number = Double(word), number.isFinite else {
        throw ConfigurationError(message: "a number is missing", help: MetricLine.help)
      }
      return isNegative ? -number : number
    }
  }
}

extension Definition {
  /// A metric as a line says it.
  package func words(ofMetric place: Int) -> String {
    let metric = experiment.metrics[place]
    var text = metric.name
    if let terms = weights[place] {
      for (index, term) in terms.enumerated() {
        let sign = term.weight < 0 ? (index == 0 ? " = -" : " - ") : (index == 0 ? " = " : " + ")
        let weight = term.weight.magnitude == 1 ? "" : "\(term.weight.magnitude) * "
        text += sign + weight + experiment.metrics[term.metric].name
      }
    }
    if !metric.isWatched { text += metric.isMaximized ? " maximize" : " minimize" }
    if let limit = metric.limit { text += " limit \(limit)" }
    return text
  }
}
