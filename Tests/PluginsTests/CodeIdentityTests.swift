import Glibc
import Plugins
import Processes
import Tasks
import Testing
import Values

@Suite struct CodeIdentityTests {
  private func code(_ scratch: Scratch, _ source: PluginSource, libraries: [String] = []) throws -> Digest {
    let list = JSON.array(libraries.map { .string($0) }).compact
    let catalog = Catalog(
      directories: [], cacheDirectory: scratch.path + "/cache", engineVersion: "1", pythonKit: scratch.path + "/kit"
    ) { _ in
      """
      {"schema": "assay.plugin/1", "id": "x", "version": "1", "libraries": \(list),
       "tasks": [{"id": "x.t", "version": "1"}]}
      """
    }
    return try #require(try catalog.plugin(source).tasks.first).code
  }

  private func build(_ scratch: Scratch, _ command: [String], _ name: String) throws -> PluginSource {
    let out = scratch.path + "/" + name
    var said: [String] = []
    let result = try Command(command + ["-o", out], directory: scratch.path).run { said.append($0) }
    try #require(result.succeeded, "\(said)")
    return PluginSource(kind: .sharedObject, path: out)
  }

  @Test func aRebuiltCPluginIsTheSameCode() throws {
    let scratch = try Scratch()
    let cc = ["cc", "-shared", "-fPIC", "-g", "-O1", "x.c", "-Wl,--build-id=uuid"]
    try scratch.write("x.c", "static int table[4] = {1, 2, 3, 4};\nint f(int n) { return table[n & 3] + 41; }\n")
    let first = try build(scratch, cc, "a.so")
    let second = try build(scratch, cc, "b.so")
    #expect(try Files.read(first.path) != Files.read(second.path), "the build ids differ")
    #expect(try code(scratch, first) == code(scratch, second))
    try scratch.write("x.c", "static int table[4] = {1, 2, 3, 4};\nint f(int n) { return table[n & 3] + 42; }\n")
    #expect(try code(scratch, first) != code(scratch, build(scratch, cc, "c.so")))
    try scratch.write("x.c", "static int table[4] = {1, 2, 3, 5};\nint f(int n) { return table[n & 3] + 41; }\n")
    #expect(try code(scratch, first) != code(scratch, build(scratch, cc, "d.so")))
  }

  @Test func aRebuiltSwiftPluginIsTheSameCode() throws {
    let scratch = try Scratch()
    let swiftc = ["swiftc", "-emit-library", "-module-name", "X", "-g", "-Xlinker", "--build-id", "x.swift"]
    let text = "@_cdecl(\"f\") public func f(_ n: Int32) -> Int32 { n + 41 }\npublic struct S { var s = \"text\" }\n"
    try scratch.write("x.swift", text)
    let first = try build(scratch, swiftc, "libX.so")
    let known = try code(scratch, first)
    let bytes = try Files.read(first.path)
    try Files.remove(first.path)
    try scratch.write("x.swift", text + "// a remark\n")
    let second = try build(scratch, swiftc, "libX.so")
    #expect(try Files.read(second.path) != bytes, "the module hashes differ")
    #expect(try code(scratch, second) == known)
    try scratch.write("x.swift", text.split(separator: "41").joined(separator: "43"))
    #expect(try code(scratch, build(scratch, swiftc, "libX.so")) != known)
  }

  @Test func librariesCount() throws {
    let scratch = try Scratch()
    let plugin = PluginSource(kind: .sharedObject, path: try scratch.write("p.so", "plugin"))
    let library = try scratch.write("libblas.so.3", "one")
    let runtime = try scratch.write("libc.so.6", "one")
    let alone = try code(scratch, plugin)
    let with = try code(scratch, plugin, libraries: [library, runtime, "linux-vdso.so.1"])
    #expect(alone != with)
    #expect(try code(scratch, plugin, libraries: ["linux-vdso.so.1", runtime, library, plugin.path]) == with)
    try scratch.write("libblas.so.3", "two")
    #expect(try code(scratch, plugin, libraries: [library, runtime, "linux-vdso.so.1"]) != with)
  }

  @Test func damagedImagesAreStillFiles() throws {
    let scratch = try Scratch()
    try scratch.write("x.c", "int f(void) { return 1; }\n")
    let whole = try Files.read(try build(scratch, ["cc", "-shared", "-fPIC", "x.c"], "a.so").path)
    var seen: Set<Digest> = []
    var state: UInt64 = 3
    for index in 0..<60 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      var damaged = whole
      damaged[Int(state >> 40) % 64] = UInt8(truncatingIfNeeded: state >> 32)
      if index % 3 == 0 { damaged.removeLast(Int(state >> 45) % damaged.count) }
      let path = "\(scratch.path)/\(index).so"
      try Files.writeAtomically(path, damaged)
      seen.insert(try code(scratch, PluginSource(kind: .sharedObject, path: path)))
    }
    #expect(seen.count > 1)
  }

  @Test func aPythonTaskIsItsSourceModulesKitAndEnvironment() throws {
    let scratch = try Scratch()
    try scratch.write("kit/assay/__init__.py", "kit = 1\n")
    let path = try scratch.write("t/churn.py", "import numpy, helper\nfrom parts.deep import thing\n")
    try scratch.write("t/helper.py", "from . import other\nimport second\n")
    try scratch.write("t/second.py", "x = 1\n")
    try scratch.write("t/parts/__init__.py", "")
    try scratch.write("t/parts/deep.py", "thing = 1\n")
    try scratch.write("t/unrelated.py", "y = 1\n")
    func now(_ version: String = "3.11.2") throws -> Digest {
      let interpreter = Interpreter(
        executable: "/usr/bin/python3", library: nil, version: version, lock: Hasher256.digest([1]))
      return try code(scratch, PluginSource(kind: .python, path: path, interpreter: interpreter))
    }
    let first = try now()
    #expect(try now() == first)
    try scratch.write("t/unrelated.py", "y = 2\n")
    #expect(try now() == first)
    #expect(try now("3.12.1") != first)
    for name in ["t/churn.py", "t/helper.py", "t/second.py", "t/parts/deep.py", "kit/assay/__init__.py"] {
      let text = try Files.text(scratch.path + "/" + name)
      try scratch.write(name, text + "# changed\n")
      #expect(try now() != first, "\(name) does not count")
      try scratch.write(name, text)
      #expect(try now() == first)
    }
  }
}
