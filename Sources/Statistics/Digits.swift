internal import Numbers

/// A number as sentences give it: three significant digits, more only of whole numbers.
func text(_ value: Double) -> String {
  guard value.isFinite else { return value.isNaN ? "unknown" : value > 0 ? "infinity" : "-infinity" }
  guard value != 0 else { return "0" }
  let digits = 2 - Int((Elementary.log(value.magnitude) / 2.302585092994046 + 1e-12).rounded(.down))
  guard digits > 0, digits < 16 else { return digits <= 0 && value.magnitude < 1e15 ? whole(value) : "\(value)" }
  let power = (0..<digits).reduce(1.0) { product, _ in product * 10 }
  let rounded = (value * power).rounded() / power
  return rounded == rounded.rounded() ? whole(rounded) : "\(rounded)"
}

private func whole(_ value: Double) -> String { "\(Int64(value.rounded()))" }

/// A share as a percentage.
func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

/// `1 trial`, `2 trials`.
func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
