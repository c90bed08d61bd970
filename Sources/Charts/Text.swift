internal import Numbers

/// Text for an SVG document; what XML does not know becomes a space.
package func escaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case _ where scalar.value < 0x20 || scalar.value == 0xfffe || scalar.value == 0xffff: result += " "
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// A place in the picture: at most two decimals, the same on every machine.
package func px(_ value: Double) -> String {
  guard value.isFinite else { return "0" }
  let clamped = min(1e6, max(-1e6, value))
  let hundredths = Int((clamped * 100).rounded())
  let sign = hundredths < 0 ? "-" : ""
  let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
  if rest == 0 { return "\(sign)\(whole)" }
  return rest % 10 == 0 ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
}

/// A number with so many decimals, and a comma between thousands.
package func decimal(_ value: Double, _ digits: Int) -> String {
  let digits = min(12, max(0, digits))
  let power = power(ofTen: digits)
  let scaled = (value.magnitude * power).rounded()
  guard scaled < 9e15 else { return scientific(value) }
  let (whole, rest) = Int(scaled).quotientAndRemainder(dividingBy: Int(power))
  var text = ""
  for (place, digit) in "\(whole)".reversed().enumerated() {
    text = "\(digit)" + (place > 0 && place % 3 == 0 ? "," : "") + text
  }
  if digits > 0 {
    let decimals = "\(rest)"
    text += "." + String(repeating: "0", count: digits - decimals.count) + decimals
  }
  return (value < 0 && scaled > 0 ? "−" : "") + text
}

/// `2.5×10⁷`.
package func scientific(_ value: Double) -> String {
  guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
  var exponent = exponent(of: value.magnitude)
  var mantissa = value.magnitude / power(ofTen: exponent)
  if (mantissa * 100).rounded() >= 1000 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
  var digits = decimal(mantissa, 2)
  while digits.last == "0" { digits.removeLast() }
  if digits.last == "." { digits.removeLast() }
  let small: [Character: Character] = [
    "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹",
  ]
  return (value < 0 ? "−" : "") + (digits == "1" ? "" : digits + "×") + "10"
    + String("\(exponent)".compactMap { small[$0] })
}

/// About four digits of a number, for labels and descriptions.
package func short(_ value: Double) -> String {
  guard value.isFinite else { return "\(value)" }
  if value == 0 { return "0" }
  let exponent = exponent(of: value.magnitude)
  if exponent > 8 || exponent < -4 { return scientific(value) }
  var text = decimal(value, max(0, 3 - exponent))
  if text.contains(".") {
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
  }
  return text
}

/// How wide a text is in a sans-serif font, roughly.
package func width(_ text: String, _ size: Double) -> Double {
  text.reduce(0) { sum, character in
    switch character {
    case "i", "j", "l", "t", "f", ".", ",", "'", "|", "!", ":", ";", " ", "(", ")", "I", "r": sum + 0.33 * size
    case "m", "w", "M", "W", "@", "%": sum + 0.88 * size
    case _ where character.isUppercase: sum + 0.68 * size
    case _ where (character.unicodeScalars.first?.value ?? 0) > 0x2e80: sum + size
    default: sum + 0.57 * size
    }
  }
}

/// Cut to a width, with `…`.
package func fitted(_ text: String, _ most: Double, _ size: Double) -> String {
  guard width(text, size) > most else { return text }
  var text = text
  while !text.isEmpty, width(text, size) + size > most { text.removeLast() }
  return text + "…"
}

/// The largest whole number whose power of ten is not greater than `value`, which is greater than 0.
func exponent(of value: Double) -> Int {
  var exponent = Int((Elementary.log(value) / 2.302585092994046).rounded(.down))
  while power(ofTen: exponent + 1) <= value { exponent += 1 }
  while power(ofTen: exponent) > value { exponent -= 1 }
  return exponent
}

/// Exact up to 10²²; below 1 the number nearest to it.
func power(ofTen exponent: Int) -> Double {
  var (power, base, left) = (1.0, 10.0, exponent.magnitude)
  while left > 0 {
    if left & 1 == 1 { power *= base }
    base *= base
    left >>= 1
  }
  return exponent < 0 ? 1 / power : power
}
