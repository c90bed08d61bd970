import CProcess
import Calls
import Glibc
import LanguageServer
import Plugins
import Processes
import Tasks
import Values
import Workers

/// What a worker sends, as the engine reads it: a first byte with the number of descriptors (0 … 3), a second with their
/// size in units of 64 bytes, their contents, the packet.
@Sendable func fuzzPackets(_ bytes: [UInt8]) throws {
  guard bytes.count >= 2 else { return }
  let size = Int(bytes[1]) * 64
  var rest = bytes.dropFirst(2)
  var files: [Int32] = []
  for number in 0..<Int(bytes[0] & 3) {
    let content = Array(rest.prefix(size))
    rest = rest.dropFirst(size)
    // Sealed ones are mapped, others copied.
    let file = number == 0 ? sealedFile(content) : openFile(content)
    if file >= 0 { files.append(file) }
  }
  do throws(WireError) {
    var packet = try IncomingPacket(Array(rest), descriptors: files, blobs: BlobTable())
    let problem = try take(&packet)
    if let problem { throw WireError(problem, at: -7) }
  } catch {
    if error.offset == -7 { throw BrokenPromise(error.message) }
  }
}

/// Reads a packet to its end; a broken promise, or nil.
private func take(_ packet: inout IncomingPacket) throws(WireError) -> String? {
  switch packet.kind {
  case .ready:
    _ = try packet.body.read(UInt32.self)
    return nil
  case .loaded:
    _ = try packet.body.read(Int32.self)
    let text = try packet.body.string()
    try packet.body.finish()
    _ = try? DescribeDocument(text, source: "fuzz")
    return nil
  case .report:
    let count = try packet.body.count(ofSize: 9)
    var check = OutputCheck(call)
    for _ in 0..<count {
      guard case .done(_, let completion) = try ReportItem(&packet.body),
        case .success(let outputs) = completion.result
      else { continue }
      for case let output? in outputs {
        do { try stored(output) } catch { return "\(error)" }
      }
      guard let accepted = try? check.accept(outputs) else { continue }
      for (value, port) in zip(accepted, call.task.outputs) {
        guard let value else { continue }
        if let problem = port.type.check(value) { return "`\(port.name)` was accepted: \(problem)" }
      }
    }
    try packet.body.finish()
    return nil
  default: return nil
  }
}

/// A call whose outputs have all kinds of types; the sample packets answer it.
private let call: Invocation = {
  let types = [
    "int(0..10)", "list<{a: float, b: string?}>", "tensor<f32>[n, n]", "table{id: int, name: string}", "any",
  ]
  let signature = TaskSignature(
    id: "fuzz.task", version: "1.0.0",
    outputs: types.enumerated().map { Port("o\($0)", (try? .parse($1)) ?? .any, isOptional: $0 > 0) })
  let task = InstalledTask(
    signature: signature, source: PluginSource(kind: .sharedObject, path: "/tests/fuzz.so"), index: 0,
    code: Hasher256.digest([1]))
  return Invocation(id: 7, task: task, inputs: [], temporaryDirectory: "/nonexistent")
}()

private func sealedFile(_ content: [UInt8]) -> Int32 {
  guard let memory = try? SharedMemory.copy(content), let file = memory.descriptor else { return -1 }
  return dup(file)
}

private func openFile(_ content: [UInt8]) -> Int32 {
  let file = cprocess_memory_file("assay-fuzz", UInt64(content.count))
  guard file >= 0, pwrite(file, content, content.count, 0) == content.count else { return -1 }
  return file
}

/// The describe document of a plugin.
@Sendable func fuzzDescribe(_ bytes: [UInt8]) throws {
  guard let document = try? DescribeDocument(String(decoding: bytes, as: UTF8.self), source: "fuzz") else { return }
  for task in document.tasks {
    for port in task.parameters + task.outputs {
      try promise((try? ValueType.parse(port.type.description)) == port.type, "a type that cannot be written")
      if let value = port.default {
        try promise(port.type.check(value) == nil, "\(task.id): the default of `\(port.name)` is no \(port.type)")
      }
    }
  }
}

/// What an editor sends: bytes that come in pieces. The first byte says how large.
@Sendable func fuzzFraming(_ bytes: [UInt8]) throws {
  guard let first = bytes.first else { return }
  let whole = messages(bytes.dropFirst(), piece: .max)
  let parts = messages(bytes.dropFirst(), piece: Int(first) + 1)
  try promise(whole == parts, "in pieces of \(Int(first) + 1) bytes it says something else")
  for case .message(let body) in whole { _ = Message(body) }
}

private func messages(_ bytes: ArraySlice<UInt8>, piece: Int) -> [Framing.Output] {
  var framing = Framing()
  var found: [Framing.Output] = []
  var rest = bytes
  while !rest.isEmpty {
    framing.push(rest.prefix(piece))
    rest = rest.dropFirst(piece)
    while let next = framing.next() {
      found.append(next)
    }
  }
  return found
}
