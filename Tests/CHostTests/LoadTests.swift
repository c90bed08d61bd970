import CHost
import Foundation
import Processes
import Testing
import Values

/// Loading: negotiation, growth, faulty descriptions.
@Suite struct LoadTests {
  @Test func theDocumentSaysAll() throws {
    let host = try Host("good")
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(host.description.utf8)) as? [String: Any])
    #expect(document["schema"] as? String == "assay.plugin/1" && document["generation"] as? Int == 1)
    #expect((document["libraries"] as? [String])?.first?.hasSuffix("/good.so") == true)
    let tasks = try #require(document["tasks"] as? [[String: Any]])
    let add = try #require(tasks.first { $0["id"] as? String == "good.add" })
    #expect(add["doc"] as? String == "says \"hello\"\n" && add["flags"] as? [String] == ["pure", "idempotent"])
    #expect(add["memory_bytes"] as? Int == 1 << 20)
    let ports = try #require(add["inputs"] as? [[String: Any]])
    #expect(ports.map { $0["default_json"] as? String } == [nil, "1"])
  }

  @Test(arguments: ["revision_newer", "revision_older"]) func otherRevisionsOfAGenerationRun(fixture: String) throws {
    let task = fixture == "revision_newer" ? "growth.newer" : "growth.older"
    #expect(try Host(fixture).outputs(task, [.int(41)]) == [.int(42)])
  }

  /// Each with words that the message must have.
  @Test(arguments: [
    ("null_entry", ["generation 1"]), ("refuses", ["it is Monday", "generation 1"]),
    ("generation_new", ["generation 2", "generation 1", "newer engine"]),
    ("generation_old", ["generation 0", "generation 1", "rebuild"]),
    ("requires_revision", ["revision 900", "revision 1", "newer engine"]), ("no_entry", ["assay_plugin_entry"]),
    ("null_names", ["task 1", "id"]), ("null_port", ["input 1"]), ("null_type", ["type"]),
    ("bad_port_name", ["X y"]), ("duplicate_ports", ["two inputs", "`x`"]), ("duplicate_tasks", ["two tasks"]),
    ("million_tasks", ["1000000"]), ("many_ports", ["4000000000"]), ("no_run", ["run function"]),
    ("bad_utf8_doc", ["UTF-8"]), ("tiny_struct", ["ends before"]), ("init_fails", ["init()", "-5"]),
  ])
  func refusals(fixture: String, words: [String]) throws {
    let error = #expect(throws: Host.LoadError.self) { _ = try Host(fixture) }
    let message = error?.message ?? ""
    #expect(message.contains("\(fixture).so"))
    for word in words { #expect(message.contains(word), "\(message)") }
  }

  @Test func aMissingFileIsRefused() {
    var error: UnsafeMutablePointer<CChar>?
    #expect(chost_open("/nowhere/x.so", nil, nil, &error) == nil)
    #expect(error.map { String(cString: $0).contains("/nowhere/x.so") } == true)
    free(error)
  }

  /// The header compiles everywhere without a warning.
  @Test(arguments: ["assay.h", "assay_task.h"])
  func headerIsClean(header: String) throws {
    let c = ["c99", "c11", "c17", "c2x"].map { ("gcc", "c", $0) } + [("clang", "c", "c99")]
    let cxx = ["c++98", "c++11", "c++17", "c++20"].map { ("g++", "c++", $0) }
    let source = try Fixture.temporaryDirectory() + "/include.c"
    try "#include \"\(header)\"\n".write(toFile: source, atomically: true, encoding: .utf8)
    for (compiler, language, standard) in c + cxx {
      var said: [String] = []
      let result = try Command([
        compiler, "-x", language, "-std=\(standard)", "-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
        "-I\(Fixture.package)/sdk/c/include", source,
      ]).run { said.append($0) }
      #expect(result.succeeded, "\(compiler) \(standard): \(said)")
    }
  }
}
