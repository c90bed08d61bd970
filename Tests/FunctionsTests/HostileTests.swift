import Diagnostics
import Foundation
import Tasks
import Testing
import Values
import Workspace

/// Functions and manifests that go wrong: each gives one clear error, and the engine goes on.
@Suite struct HostileTests {
  private func bench() throws -> Bench {
    try Bench(
      """
      [library.call]
      so = "{fixtures}/libcall.so"
      [[function]]
      symbol = "overrun"
      params = [{ name = "out", c = "double*", dir = "out", len = "n" }, { name = "n", c = "int" }, { name = "by", c = "int" }]
      [[function]]
      id = "overrun_ints"
      symbol = "overrun"
      params = [
        { name = "out", c = "void*", dir = "out", port = "tensor<u8>[?]", len = "8 * n - 4" }, { name = "n", c = "int" },
        { name = "by", c = "int", value = 0 },
      ]
      [[function]]
      id = "monstrous"
      symbol = "scale"
      params = [
        { name = "x", c = "double*", dir = "out", len = "n * 9000000000000000000" }, { name = "n", c = "int" },
        { name = "by", c = "double", value = 1 },
      ]
      [[function]]
      symbol = "underrun"
      params = [{ name = "out", c = "double*", dir = "out", len = 4 }]
      [[function]]
      symbol = "wide"
      params = [{ name = "small", c = "int*", dir = "out" }]
      [[function]]
      symbol = "null_write"
      params = [{ name = "where", c = "int*", value = "null" }]
      [[function]]
      symbol = "wild"
      params = [{ name = "where", c = "int64_t" }]
      [[function]]
      symbol = "leave"
      params = [{ name = "code", c = "int" }]
      [[function]]
      symbol = "stop"
      [[function]]
      symbol = "status"
      params = [{ name = "code", c = "int" }]
      returns = { c = "int", ok = "== 0", message = "status_text(ret)", codes = { 7 = { message = "busy", kind = "transient" } } }
      [[function]]
      symbol = "opened"
      params = [{ name = "works", c = "int" }]
      returns = { c = "void*", ok = "!= null", message = "it cannot be opened" }
      [[function]]
      symbol = "failing"
      errno = "report"
      params = [{ name = "error", c = "int" }]
      returns = { c = "int", ok = ">= 0" }
      [[function]]
      symbol = "judged"
      params = [{ name = "n", c = "int" }, { name = "info", c = "int*", dir = "out", ok = "<= 3" }]
      [[function]]
      symbol = "evens"
      params = [
        { name = "x", c = "const int*", len = "n" }, { name = "n", c = "int", len_of = "x" },
        { name = "out", c = "int*", dir = "out", len = "n", used = "count + 1" },
        { name = "count", c = "int*", dir = "inout", value = "n", port = false },
      ]
      """)
  }

  /// A task that dies takes its worker along; what it was doing is in the log.
  @Test(arguments: [
    ("overrun", ["n": 6, "by": 1] as [String: JSON], SIGSEGV, "went beyond the end of `out` (48 bytes), at byte 48"),
    ("wide", [:], SIGSEGV, "went beyond the end of `small` (4 bytes)"),
    ("null_write", [:], SIGSEGV, "used the address 0x0, which is not its own"),
    ("wild", ["where": 42], SIGSEGV, "used the address 0x2a"), ("stop", [:], SIGABRT, ""),
  ])
  func crashes(name: String, inputs: [String: JSON], signal: Int32, said: String) throws {
    let bench = try bench()
    let log = Log()
    let outcome = try bench.outcome(name, inputs, log)
    guard case .failure(let failure) = outcome.result else { throw Failure(.failed, "it did not fail") }
    #expect(failure.kind == .crash && failure.signal == signal)
    #expect(said.isEmpty || log.lines.contains { $0.hasPrefix("test.\(name) ") && $0.contains(said) }, "\(log.lines)")
    #expect(try bench.call("failing", ["error": 0]).isEmpty)
  }

  @Test func damageIsFoundAfterTheCall() throws {
    let bench = try bench()
    #expect(try bench.call("overrun", ["n": 3, "by": 0])["out"] == [0.0, 1.0, 2.0])
    let behind = try bench.failure("overrun_ints", ["n": 3])
    #expect(behind.kind == .contract && behind.port == "out")
    #expect(behind.message == "`overrun` wrote beyond the end of `out` (20 bytes): is its declared length right?")
    let before = try bench.failure("underrun")
    #expect(before.kind == .contract && before.message.contains("before the beginning of `out`"))
    let used = try bench.failure("evens", ["x": [2, 4]])
    #expect(used.kind == .contract && used.message == "`evens` says that it used 3 of the 2 elements of `out`")
  }

  @Test func aFunctionThatEndsTheProcessHasNotSucceeded() throws {
    let failure = try bench().failure("leave", ["code": 0])
    #expect(failure.kind == .crash && failure.message.contains("exited with status 0 before test.leave had finished"))
  }

  @Test func impossibleLengths() throws {
    let bench = try bench()
    #expect(try bench.failure("overrun", ["n": -1, "by": 0]).message == "`out` cannot have -1 elements")
    #expect(try bench.failure("monstrous", ["n": 1]).message == "`x` would be too large")
    #expect(try bench.failure("monstrous", ["n": 2]).message.contains("x cannot be computed"))
  }

  @Test func statusesBecomeFailures() throws {
    let bench = try bench()
    #expect(try bench.call("status", ["code": 0]).isEmpty)
    let known = try bench.failure("status", ["code": 2])
    #expect(known.kind == .failed && known.number == 2 && known.message == "`status` returned 2: the disk is on fire")
    let busy = try bench.failure("status", ["code": 7])
    #expect(busy.kind == .transient && busy.message == "`status` returned 7: busy")
    #expect(
      try bench.failure("opened", ["works": 0]).message == "`opened` returned a null pointer: it cannot be opened")
    #expect(try bench.call("opened", ["works": 1]).isEmpty)
    let error = try bench.failure("failing", ["error": .int(Int64(ENOENT))])
    #expect(error.code == "errno" && error.number == ENOENT)
    #expect(error.message == "`failing` returned -1, not >= 0: No such file or directory")
    let judged = try bench.failure("judged", ["n": 4])
    #expect(judged.port == "info" && judged.message == "`judged` set `info` to 4, not <= 3")
  }

  /// What a manifest names is looked up when it is loaded, and all that is missing is told at once, at its place.
  @Test func whatIsNotThereIsNamedWhereItIsWritten() throws {
    let bench = try Bench(
      """
      [library.none]
      so = "libnowhere.so.9"
      [library.call]
      so = "{fixtures}/libcall.so"
      [[function]]
      symbol = "sun"
      library = "call"
      [[function]]
      symbol = "not_a_function"
      library = "call"
      [[function]]
      symbol = "motto"
      library = "call"
      returns = { c = "const char*", free = "unfree" }
      """)
    let error = #expect(throws: WorkspaceError.self) { try bench.task("sun") }
    let places = error?.diagnostics.map { diagnostic in
      let (line, column) = diagnostic.primary.file.position(at: diagnostic.primary.span.start)
      return "\(diagnostic.code) \(line):\(column)"
    }
    #expect(places == ["E0908 2:6", "E0908 6:10", "E0908 9:10", "E0908 12:10"])
    let said = error?.diagnostics.map(\.message).joined(separator: "\n") ?? ""
    for piece in [
      "cannot open shared object file", "has no function `sun`", "is data, not a function", "frees the result",
    ] {
      #expect(said.contains(piece), "\(said)")
    }
  }

  @Test func theIdentityCoversManifestAndLibrary() throws {
    let source = { (n: Int) in "int f(int x) { return x + \(n); }" }
    let manifest = """
      [library.l]
      so = "./libl.so"
      [[function]]
      symbol = "f"
      params = [{ name = "x", c = "int" }]
      returns = { c = "int" }
      """
    let bench = try Bench(manifest)
    func build(_ n: Int) throws {
      try bench.write(source(n), as: "l.c")
      // A new file: one that is mapped must not be written.
      try Fixtures.run(["gcc", "-shared", "-fPIC", "-o", bench.path + "/new.so", bench.path + "/l.c"])
      try Fixtures.run(["mv", bench.path + "/new.so", bench.path + "/libl.so"])
    }
    try build(1)
    #expect(try bench.call("f", ["x": 1])["result"] == 2)
    let first = try bench.task("f").code
    try bench.write("# moved\n" + manifest)
    #expect(try bench.task("f").code == first)
    try bench.write(manifest.replacing("\"int\" }]", with: "\"long\" }]"))
    #expect(try bench.task("f").code != first)
    try bench.write(manifest)
    #expect(try bench.task("f").code == first)
    try build(2)
    #expect(try bench.task("f").code != first)
  }
}
