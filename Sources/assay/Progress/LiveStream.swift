internal import Glibc

/// The stream on which something is redrawn in place.
struct LiveStream: Sendable {
  let descriptor: Int32
  /// Nobody reads it any more.
  private var isBroken = false

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  var size: TerminalSize { .of(descriptor) }

  /// False after `bg`: the cursor is where the shell wants it.
  var isForeground: Bool {
    let group = tcgetpgrp(descriptor)
    return group < 0 || group == getpgrp()
  }

  mutating func write(_ text: String) {
    guard !text.isEmpty, !isBroken else { return }
    isBroken = !Output.write(text, to: descriptor)
  }
}
