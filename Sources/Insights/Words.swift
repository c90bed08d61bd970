package import Experiments
package import Spaces
package import Values
package import Workflows

/// Numbers, values and configurations as people read them.
package enum Words {
  /// About five digits: what two trials differ in is often far behind the point.
  package static func number(_ value: Double?) -> String {
    guard let value else { return "missing" }
    let text = "\(value)"
    guard text.count > 8, value.magnitude >= 1e-4, value.magnitude < 1e6 else { return text }
    return fixed(value, value.magnitude >= 100 ? 2 : value.magnitude >= 1 ? 4 : 5, keepsZeros: false)
  }

  /// With so many decimals.
  package static func fixed(_ value: Double, _ digits: Int, keepsZeros: Bool = true) -> String {
    guard value.isFinite, value.magnitude < 1e12 else { return "\(value)" }
    var text = plain(value, digits)
    guard !keepsZeros, text.contains(".") else { return text }
    while text.hasSuffix("0"), !text.hasSuffix(".0") { text.removeLast() }
    return text
  }

  private static func plain(_ value: Double, _ digits: Int) -> String {
    let digits = min(max(digits, 0), 12)
    let power = (0..<digits).reduce(1.0) { product, _ in product * 10 }
    let scaled = (value.magnitude * power).rounded()
    guard scaled < 9e15 else { return "\(value)" }
    let (whole, rest) = Int(scaled).quotientAndRemainder(dividingBy: Int(power))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    let decimals = "\(rest)"
    return "\(sign)\(whole).\(String(repeating: "0", count: digits - decimals.count))\(decimals)"
  }

  /// As many decimals as the uncertainty of a number makes sense of: two digits of it.
  package static func decimals(for uncertainty: Double) -> Int {
    guard uncertainty > 0, uncertainty.isFinite else { return 5 }
    var (digits, scale) = (0, uncertainty)
    while scale < 10, digits < 9 { (digits, scale) = (digits + 1, scale * 10) }
    return digits
  }

  /// `0.0012`, `<0.0001`.
  package static func p(_ p: Double) -> String {
    p < 0.0001 ? "<0.0001" : fixed(p, p < 0.01 ? 4 : p < 0.1 ? 3 : 2)
  }

  package static func percent(_ share: Double) -> String {
    share > 0 && share < 0.005 ? "<1%" : "\(Int((share * 100).rounded()))%"
  }

  /// `1 trial`, `2 trials`.
  package static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

  /// `4.2s`, `3m 04s`, `2h 05m`.
  package static func time(seconds: Double) -> String {
    guard seconds.isFinite else { return "?" }
    if seconds < 1 { return "\(Int((max(0, seconds) * 1000).rounded()))ms" }
    if seconds < 10 { return fixed(seconds, 1) + "s" }
    let whole = Int(min(seconds, 1e12))
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    if whole < 60 { return "\(whole)s" }
    if whole < 3600 { return "\(whole / 60)m \(two(whole % 60))s" }
    if whole < 86400 { return "\(whole / 3600)h \(two(whole / 60 % 60))m" }
    return "\(whole / 86400)d \(two(whole / 3600 % 24))h"
  }

  package static func value(_ value: Value) -> String {
    switch value {
    case .string(let text): text
    case .float(let value): number(value)
    default: value.description
    }
  }

  /// `learn=logistic share=0.4`.
  package static func configuration(_ point: Point, of definition: Definition) -> String {
    settings(point, of: definition).map { "\($0.name)=\($0.value)" }.joined(separator: " ")
  }

  package static func settings(_ point: Point, of definition: Definition) -> [(name: String, value: String)] {
    definition.experiment.parameters.indices.compactMap { index in
      definition.space.value(of: index, at: point).map {
        (definition.experiment.parameters[index].name, value($0))
      }
    }
  }

  /// `int 1..15 log`, `one of a, b`.
  package static func domain(_ domain: Experiment.Domain) -> String {
    switch domain {
    case .choices(let values): return "one of " + values.map(value).joined(separator: ", ")
    case .artifacts(let names): return "one of " + names.joined(separator: ", ")
    case .integers(let low, let high, let step, let isLogarithmic):
      return "int \(low)..\(high)" + (step > 1 ? " step \(step)" : "") + (isLogarithmic ? " log" : "")
    case .floats(let low, let high, let step, let isLogarithmic):
      return "float \(number(low))..\(number(high))" + (step.map { " step \(number($0))" } ?? "")
        + (isLogarithmic ? " log" : "")
    }
  }
}

extension Study {
  /// The metric by which trials are put in order: the one named, else the first that is optimised.
  package func metric(named name: String?) -> Int? {
    guard let name else { return definition.objectives.first }
    return definition.experiment.metrics.firstIndex { $0.name == name }
  }
}
