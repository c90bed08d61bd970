package import Tasks

/// The steps of a plan as they are kept: packed, because a plan may have a million of them, and in parts that are named by
/// their content, because many runs have the same ones.
package struct PlanRecord: Sendable {
  /// What the steps call.
  package private(set) var tasks: [TaskRecord]
  package private(set) var parts: [[UInt8]] = []
  package private(set) var count = 0

  /// Steps in a part: enough company, and no large value for the store.
  private static let partSize = 4096

  /// The step before the next one: what they have in common is not written again.
  private var path: [UInt8] = []
  private var manner = Manner(phase: "", isolation: .worker, reuse: "")

  private struct Manner: Equatable {
    var phase: String
    var isolation: Isolation
    var reuse: String
  }

  package init(tasks: [TaskRecord]) { self.tasks = tasks }

  package init(_ steps: [StepRecord]) {
    self.init(tasks: [])
    var numbers: [ObjectIdentifier: Int] = [:]
    for step in steps {
      let number = numbers[ObjectIdentifier(step.callee)] ?? tasks.count
      if number == tasks.count {
        numbers[ObjectIdentifier(step.callee)] = number
        tasks.append(step.callee)
      }
      add(
        path: step.path, phase: step.phase, isolation: step.isolation, task: number, needs: step.needs,
        reuse: step.reuse, wiring: step.wiring)
    }
  }

  /// - Parameter task: index into `tasks`.
  package mutating func add(
    path: String, phase: String, isolation: Isolation, task: Int, needs: [StepNeed], reuse: String, wiring: Wiring
  ) {
    if count % Self.partSize == 0 {
      parts.append([])
      parts[parts.count - 1].reserveCapacity(Self.partSize * 24)
      self.path = []
      manner = Manner(phase: "", isolation: .worker, reuse: "")
    }
    count += 1
    let own = Manner(phase: phase, isolation: isolation, reuse: reuse)
    let last = parts.count - 1
    parts[last].append(own == manner ? 0 : 1)
    if own != manner {
      Packing.put(phase.utf8, &parts[last])
      Packing.put(isolation.rawValue.utf8, &parts[last])
      Packing.put(reuse.utf8, &parts[last])
      manner = own
    }
    Self.put(path: path, after: &self.path, &parts[last])
    Packing.put(task, &parts[last])
    Packing.put(needs.count, &parts[last])
    for need in needs {
      Packing.put(need.step, &parts[last])
      Packing.put(need.shared, &parts[last])
    }
    Packing.put(wiring.bytes, &parts[last])
  }

  /// How much of the beginning is that of the path before, and the rest.
  private static func put(path: String, after before: inout [UInt8], _ bytes: inout [UInt8]) {
    var path = path
    path.withUTF8 { own in
      var shared = 0
      while shared < min(own.count, before.count), own[shared] == before[shared] { shared += 1 }
      Packing.put(shared, &bytes)
      Packing.put(own[shared...], &bytes)
      before.removeSubrange(shared...)
      before.append(contentsOf: own[shared...])
    }
  }

  // MARK: reading

  /// From the store; nil when the bytes are damaged.
  package init?(tasks: [TaskRecord], parts: [[UInt8]]) {
    self.init(tasks: tasks)
    self.parts = parts
    guard let steps = unpacked() else { return nil }
    count = steps.count
  }

  /// Linear: keep what you need.
  package var steps: [StepRecord] { unpacked() ?? [] }

  private func unpacked() -> [StepRecord]? {
    var steps: [StepRecord] = []
    for part in parts {
      var reader = Unpacking(part)
      var path: [UInt8] = []
      var manner = Manner(phase: "", isolation: .worker, reuse: "")
      while !reader.isAtEnd {
        if reader.byte() != 0 {
          manner = Manner(
            phase: reader.text(), isolation: Isolation(rawValue: reader.text()) ?? .worker, reuse: reader.text())
        }
        let shared = reader.number()
        path = Array(path.prefix(shared) + reader.bytes())
        let task = reader.number()
        let needs = (0..<min(reader.number(), part.count)).map { _ in
          StepNeed(step: reader.number(), shared: reader.number())
        }
        let wiring = Wiring(bytes: Array(reader.bytes()))
        guard !reader.isBad, tasks.indices.contains(task) else { return nil }
        steps.append(
          StepRecord(
            path: String(decoding: path, as: UTF8.self), phase: manner.phase, isolation: manner.isolation,
            callee: tasks[task], needs: needs, reuse: manner.reuse, wiring: wiring))
      }
    }
    return steps
  }
}

/// Numbers in groups of seven bits, the lowest first; bytes behind their count.
private enum Packing {
  static func put(_ number: Int, _ bytes: inout [UInt8]) {
    var rest = UInt(bitPattern: number)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  static func put(_ part: some Collection<UInt8>, _ bytes: inout [UInt8]) {
    put(part.count, &bytes)
    bytes.append(contentsOf: part)
  }
}

private struct Unpacking {
  private let content: [UInt8]
  private var position = 0
  /// Something was read that is not there.
  private(set) var isBad = false

  init(_ content: [UInt8]) { self.content = content }

  /// Also after damage: a loop over the content ends.
  var isAtEnd: Bool { position >= content.count }

  mutating func byte() -> UInt8 {
    guard position < content.count else {
      isBad = true
      return 0
    }
    defer { position += 1 }
    return content[position]
  }

  mutating func number() -> Int {
    var number: UInt = 0
    for shift in stride(from: 0, to: 63, by: 7) {
      let next = byte()
      number |= UInt(next & 0x7F) << shift
      if next < 0x80 { return Int(bitPattern: number) }
    }
    isBad = true
    return 0
  }

  mutating func bytes() -> ArraySlice<UInt8> {
    let count = number()
    guard count <= content.count - position else {
      isBad = true
      position = content.count
      return []
    }
    defer { position += count }
    return content[position..<position + count]
  }

  mutating func text() -> String { String(decoding: bytes(), as: UTF8.self) }
}
