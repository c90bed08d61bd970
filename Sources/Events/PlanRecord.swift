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
    let last = parts.count - 1
    let isUsual = manner.phase == phase && manner.isolation == isolation && manner.reuse == reuse
    parts[last].append(isUsual ? 0 : 1)
    if !isUsual {
      Packing.put(phase, &parts[last])
      Packing.put(isolation.rawValue, &parts[last])
      Packing.put(reuse, &parts[last])
      manner = Manner(phase: phase, isolation: isolation, reuse: reuse)
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
