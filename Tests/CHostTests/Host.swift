import CHost
import Calls
import Foundation
import Glibc
import Processes
import Tasks
import Testing
import Values

/// A plugin in this process, driven through chost.h alone.
final class Host {
  struct LoadError: Error { var message: String }

  let plugin: OpaquePointer
  private let tasks: [String]
  private let report = UnsafeMutablePointer<chost_report>.allocate(capacity: 1)
  private let words = UnsafeMutablePointer<Int32>.allocate(capacity: 256)
  private let lock = NSLock()
  private(set) var progress: [String] = []
  private(set) var flushes = 0

  init(_ fixture: String, options: [String] = []) throws {
    var error: UnsafeMutablePointer<CChar>?
    guard let plugin = chost_open(try Fixture.path(fixture), nil, nil, &error) else {
      defer { free(error) }
      throw LoadError(message: error.map { String(cString: $0) } ?? "out of memory")
    }
    self.plugin = plugin
    let document = try JSONSerialization.jsonObject(with: Data(String(cString: chost_describe(plugin)).utf8))
    let described = try #require((document as? [String: Any])?["tasks"] as? [[String: Any]])
    tasks = described.compactMap { $0["id"] as? String }
    report.initialize(to: chost_report())
    words.initialize(repeating: 0, count: 256)
  }

  deinit {
    chost_report_free(report)
    chost_close(plugin)
    report.deallocate()
    words.deallocate()
  }

  var description: String { String(cString: chost_describe(plugin)) }

  /// The invocation of a task as wire bytes.
  func encode(_ call: Invocation) throws -> WireEncoder {
    var body = WireEncoder { payload in payload.withUnsafeBytes { try? SharedMemory.copy($0) } }
    try call.write(into: &body, slot: 0)
    return body
  }

  func call(
    _ task: String, _ inputs: [Value] = [.int(1)], configuration: Value = .null, checkpoint: [UInt8]? = nil,
    secrets: [String: String] = [:], timeout: Duration? = nil
  ) throws -> Invocation {
    let index = try #require(tasks.firstIndex(of: task), "no task \(task)")
    let installed = InstalledTask(
      signature: TaskSignature(id: task, version: "1.0.0"), source: PluginSource(kind: .sharedObject, path: ""),
      index: index, code: Hasher256.digest([]))
    return Invocation(
      id: 7, task: installed, attempt: 3, run: "run 9", workflow: "flow", node: "node", inputs: inputs,
      configuration: configuration, unixNanoseconds: 1234, timeout: timeout,
      temporaryDirectory: try Fixture.temporaryDirectory(), checkpoint: checkpoint, secrets: secrets)
  }

  /// Runs it and gives what it reported.
  func items(_ call: Invocation) throws -> [ReportItem] {
    let body = try encode(call)
    let (status, used, items) = try run(body.bytes, body.regions.compactMap(\.descriptor))
    #expect(status == 0 && used == body.bytes.count)
    return items
  }

  private static func at(_ context: UnsafeMutableRawPointer?) -> Host? {
    context.map { Unmanaged<Host>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Runs wire bytes, whatever they are.
  func run(_ bytes: [UInt8], _ descriptors: [Int32] = []) throws -> (status: Int32, used: Int, items: [ReportItem]) {
    var environment = chost_environment()
    environment.context = Unmanaged.passUnretained(self).toOpaque()
    environment.report = report
    environment.lock = { Host.at($0)?.lock.lock() }
    environment.unlock = { Host.at($0)?.lock.unlock() }
    environment.appended = { context, urgent in
      if urgent != 0 { Host.at(context)?.flushes += 1 }
    }
    environment.progress = { context, done, total, what in
      Host.at(context)?.progress.append("\(done)/\(total) \(what.map { String(cString: $0) } ?? "")")
    }
    environment.cancel_word = { context, slot in
      Host.at(context).map { UnsafePointer($0.words + Int(slot % 256)) }
    }
    var used = 0
    var plugins: [OpaquePointer?] = [plugin]
    let status = chost_run(&plugins, 1, bytes, bytes.count, &used, descriptors, UInt32(descriptors.count), &environment)
    defer { chost_report_clear(report) }
    let received = (0..<Int(report.pointee.descriptor_count)).map { index in
      withUnsafeBytes(of: &report.pointee.descriptors) { $0.load(fromByteOffset: index * 4, as: Int32.self) }
    }
    var regions: [any Region] = []
    for descriptor in received { regions.append(try Received(dup(descriptor))) }
    var decoder = WireDecoder(
      Array(UnsafeBufferPointer(start: report.pointee.bytes, count: report.pointee.count)), regions: regions)
    var items: [ReportItem] = []
    for _ in 0..<report.pointee.items { items.append(try ReportItem(&decoder)) }
    try decoder.finish()
    return (status, used, items)
  }

  /// The outputs of a task that is expected to succeed.
  func outputs(
    _ task: String, _ inputs: [Value] = [.int(1)], configuration: Value = .null, checkpoint: [UInt8]? = nil,
    secrets: [String: String] = [:]
  ) throws -> [Value?] {
    let call = try call(task, inputs, configuration: configuration, checkpoint: checkpoint, secrets: secrets)
    return try #require(try items(call).completion).result.get()
  }

  /// The failure of a task that is expected to fail.
  func failure(_ task: String, _ inputs: [Value] = [.int(1)], secrets: [String: String] = [:]) throws -> Failure {
    let completion = try #require(try items(try call(task, inputs, secrets: secrets)).completion)
    guard case .failure(let failure) = completion.result else {
      throw LoadError(message: "\(task) succeeded: \(completion.result)")
    }
    return failure
  }

  func raise(_ word: Int32) { words[0] = word }
}

extension [ReportItem] {
  var completion: Completion? {
    guard case .done(_, let completion)? = last else { return nil }
    return completion
  }
  var logs: [String] {
    compactMap { item in
      guard case .log(_, let level, _, let text) = item else { return nil }
      return "\(level.word): \(text)"
    }
  }
}

/// A descriptor as it came, whether sealed or not.
final class Received: Region, @unchecked Sendable {
  let count: Int
  let descriptor: Int32?
  let artifact: Digest? = nil
  let inode: UInt64
  /// `memfd:assay-buffer` for memory of the host.
  let name: String
  let isSealed: Bool
  private let base: UnsafeMutableRawPointer?

  init(_ descriptor: Int32) throws {
    var info = stat()
    try #require(fstat(descriptor, &info) == 0)
    self.descriptor = descriptor
    count = Int(info.st_size)
    inode = UInt64(info.st_ino)
    name = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")) ?? ""
    isSealed = fcntl(descriptor, 1034) & 8 != 0  // F_GET_SEALS, F_SEAL_WRITE
    base = count > 0 ? mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0) : nil
    try #require(base != MAP_FAILED)
  }

  deinit {
    if let base { munmap(base, count) }
    if let descriptor { close(descriptor) }
  }

  func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try body(UnsafeRawBufferPointer(start: base, count: count))
  }
}

extension Payload {
  /// The descriptor in which it came, or nil: it was in the message.
  var received: Received? {
    guard case .region(let region, _, _) = storage else { return nil }
    return region as? Received
  }
}

extension Tensor {
  init(_ numbers: [Double], _ shape: [Int]) {
    self.init(element: .f64, shape: shape, data: Payload(numbers.withUnsafeBytes { Array($0) }))
  }
  var doubles: [Double] { data.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) } }
}
