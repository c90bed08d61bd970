/// Where the arguments of a step came from: the edges of the plan, as remembered.
package struct Wiring: Sendable, Hashable {
  package enum Source: Sendable, Hashable {
    /// An input of the workflow, by position.
    case input(Int)
    /// An output of a step of the run, by position; port -1: whether it ran.
    case output(step: Int, port: Int)
  }

  /// One argument. `@foreach` and `@when` stand for the list and the condition of the step.
  package struct Wire: Sendable, Hashable {
    package var parameter: String
    package var sources: [Source]

    package init(parameter: String, sources: [Source]) {
      self.parameter = parameter
      self.sources = sources
    }
  }

  /// `train=3.0,4.1;seed=@0`: what is not in it was a constant of the document or a default of the task. Kept as bytes:
  /// a plan may have a million steps.
  package private(set) var bytes: [UInt8] = []

  package init() {}
  package init(bytes: [UInt8]) { self.bytes = bytes }

  package mutating func add(_ parameter: String, _ sources: [Source]) {
    var separator = UInt8(ascii: "=")
    for source in sources {
      if separator == UInt8(ascii: "=") {
        if !bytes.isEmpty { bytes.append(UInt8(ascii: ";")) }
        bytes.append(contentsOf: parameter.utf8)
      }
      bytes.append(separator)
      separator = UInt8(ascii: ",")
      switch source {
      case .input(let index):
        bytes.append(UInt8(ascii: "@"))
        append(index)
      case .output(let step, let port):
        append(step)
        bytes.append(UInt8(ascii: "."))
        append(port)
      }
    }
  }

  private mutating func append(_ number: Int) {
    if (0...9).contains(number) {
      bytes.append(UInt8(ascii: "0") + UInt8(number))
    } else {
      bytes.append(contentsOf: String(number).utf8)
    }
  }

  /// What is damaged is left out.
  package var wires: [Wire] {
    String(decoding: bytes, as: UTF8.self).split(separator: ";").compactMap { part in
      guard let equals = part.firstIndex(of: "=") else { return nil }
      let sources = part[part.index(after: equals)...].split(separator: ",").compactMap { text -> Source? in
        if text.hasPrefix("@") { return Int(text.dropFirst()).map { .input($0) } }
        let numbers = text.split(separator: ".").map { Int($0) }
        guard numbers.count == 2, let step = numbers[0], let port = numbers[1] else { return nil }
        return .output(step: step, port: port)
      }
      return Wire(parameter: String(part[..<equals]), sources: sources)
    }
  }
}
