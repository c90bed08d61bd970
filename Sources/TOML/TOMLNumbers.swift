/// Numbers, dates, `true` and `false`: everything that is not quoted.
enum TOMLNumbers {
  /// What `text` means, or nil.
  static func value(_ text: ArraySlice<UInt8>) -> TOMLValue.Content? {
    switch String(decoding: text, as: UTF8.self) {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "inf", "+inf": return .float(.infinity)
    case "-inf": return .float(-.infinity)
    case "nan", "+nan", "-nan": return .float(.nan)
    default: break
    }
    if isDate(text) { return .date(String(decoding: text, as: UTF8.self)) }
    return integer(text) ?? float(text)
  }

  private static func integer(_ text: ArraySlice<UInt8>) -> TOMLValue.Content? {
    let radixes: [UInt8: Int] = [UInt8(ascii: "x"): 16, UInt8(ascii: "o"): 8, UInt8(ascii: "b"): 2]
    if text.count > 2, text.first == UInt8(ascii: "0"), let radix = radixes[text[text.startIndex + 1]] {
      return digits(text.dropFirst(2), radix: radix).flatMap { Int64($0, radix: radix) }.map { .integer($0) }
    }
    let unsigned = withoutSign(text)
    guard let number = digits(unsigned, radix: 10), isWithoutLeadingZero(unsigned) else { return nil }
    return Int64((text.first == UInt8(ascii: "-") ? "-" : "") + number).map { .integer($0) }
  }

  private static func float(_ text: ArraySlice<UInt8>) -> TOMLValue.Content? {
    let unsigned = withoutSign(text)
    let exponentAt = unsigned.firstIndex { $0 | 0x20 == UInt8(ascii: "e") }
    let mantissa = unsigned[..<(exponentAt ?? unsigned.endIndex)]
    let pointAt = mantissa.firstIndex(of: UInt8(ascii: "."))
    let whole = mantissa[..<(pointAt ?? mantissa.endIndex)]
    guard exponentAt != nil || pointAt != nil, isWithoutLeadingZero(whole), var number = digits(whole, radix: 10)
    else { return nil }
    if let pointAt {
      guard let fraction = digits(mantissa[(pointAt + 1)...], radix: 10) else { return nil }
      number += "." + fraction
    }
    if let exponentAt {
      let exponent = unsigned[(exponentAt + 1)...]
      guard let power = digits(withoutSign(exponent), radix: 10) else { return nil }
      number += exponent.first == UInt8(ascii: "-") ? "e-" + power : "e" + power
    }
    return Double((text.first == UInt8(ascii: "-") ? "-" : "") + number).map { .float($0) }
  }

  private static func withoutSign(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    text.first == UInt8(ascii: "+") || text.first == UInt8(ascii: "-") ? text.dropFirst() : text
  }

  private static func isWithoutLeadingZero(_ text: ArraySlice<UInt8>) -> Bool {
    text.count == 1 || text.first != UInt8(ascii: "0")
  }

  /// Digits without their underscores, each of which stands between two digits.
  private static func digits(_ text: ArraySlice<UInt8>, radix: Int) -> String? {
    var result = ""
    var before = UInt8(ascii: "_")
    for byte in text {
      if byte == UInt8(ascii: "_") {
        guard before != byte else { return nil }
      } else {
        let character = Character(Unicode.Scalar(byte))
        guard let digit = character.hexDigitValue, digit < radix else { return nil }
        result.append(character)
      }
      before = byte
    }
    return before == UInt8(ascii: "_") ? nil : result
  }

  /// RFC 3339: `YYYY-MM-DD`, `hh:mm:ss[.f…]`, both with `T`, `t` or a space between, and then `Z` or `±hh:mm`.
  private static func isDate(_ text: ArraySlice<UInt8>) -> Bool {
    var rest = Array(text)[...]
    if matches(rest, "dddd-dd-dd") {
      guard isDay(rest.prefix(10)) else { return false }
      rest = rest.dropFirst(10)
      guard let separator = rest.first else { return true }
      guard separator == UInt8(ascii: "T") || separator == UInt8(ascii: "t") || separator == .space else {
        return false
      }
      guard let zone = time(rest.dropFirst()) else { return false }
      return zone.isEmpty || isZone(zone)
    }
    return time(rest)?.isEmpty == true
  }

  /// What follows the time that `text` begins with.
  private static func time(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard matches(text, "dd:dd:dd"), number(text, 0, 2) < 24, number(text, 3, 2) < 60, number(text, 6, 2) < 60
    else { return nil }
    let rest = text.dropFirst(8)
    guard rest.first == UInt8(ascii: ".") else { return rest }
    let behind = rest.dropFirst().drop { $0.isDigit }
    return behind.count == rest.count - 1 ? nil : behind
  }

  private static func isZone(_ text: ArraySlice<UInt8>) -> Bool {
    if text.count == 1 { return text.first.map { $0 | 0x20 } == UInt8(ascii: "z") }
    guard text.count == 6, text.first == UInt8(ascii: "+") || text.first == UInt8(ascii: "-") else { return false }
    let rest = text.dropFirst()
    return matches(rest, "dd:dd") && number(rest, 0, 2) < 24 && number(rest, 3, 2) < 60
  }

  private static func isDay(_ text: ArraySlice<UInt8>) -> Bool {
    let (year, month, day) = (number(text, 0, 4), number(text, 5, 2), number(text, 8, 2))
    guard year > 0, (1...12).contains(month), day >= 1 else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return day <= [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  private static func matches(_ text: ArraySlice<UInt8>, _ pattern: StaticString) -> Bool {
    let wanted = UnsafeBufferPointer(start: pattern.utf8Start, count: pattern.utf8CodeUnitCount)
    return text.count >= wanted.count
      && zip(text, wanted).allSatisfy { $1 == UInt8(ascii: "d") ? $0.isDigit : $0 == $1 }
  }

  private static func number(_ text: ArraySlice<UInt8>, _ offset: Int, _ count: Int) -> Int {
    text.dropFirst(offset).prefix(count).reduce(0) { $0 * 10 + Int($1 &- UInt8(ascii: "0")) }
  }
}
