internal import Glibc

/// A system call that failed: what was tried, on what, and why.
package struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
  /// `errno`.
  package var number: Int32
  /// `open /etc/passwd`.
  package var action: String

  package init(_ action: String, number: Int32 = errno) {
    self.action = action
    self.number = number
  }

  /// `open /etc/passwd: Permission denied`.
  package var description: String { "\(action): \(reason)" }

  package var reason: String {
    var text = [CChar](repeating: 0, count: 256)
    // The XSI function fills `text`; the GNU one may return a constant instead. Swift imports the XSI one.
    guard strerror_r(number, &text, text.count) == 0 else { return "error \(number)" }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
