import Foundation
import PluginHarness
import Tasks
import Testing
import Values

@Suite struct ShellTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  private func run(_ script: String, _ more: [String: JSON] = [:]) throws -> [String: JSON] {
    try bench.json("std.shell.run", ["script": .string(script)].merging(more) { $1 })
  }
  private func failure(_ script: String, _ more: [String: JSON] = [:]) throws -> Failure {
    try bench.failure("std.shell.run", ["script": .string(script)].merging(more) { $1 })
  }

  @Test func knowsOnlyWhatIsDeclared() throws {
    let said = try #require(try run("env | cut -d= -f1 | sort", ["env": ["GREETING=a=b"]])["stdout"]?.asString)
    #expect(
      Set(said.split(separator: "\n")).subtracting(["_", "PWD", "OLDPWD", "SHLVL"]) == [
        "GREETING", "HOME", "LANG", "PATH", "TMPDIR",
      ])
    #expect(try run("ls -A; cat")["stdout"] == "")
    #expect(try run("echo $GREETING", ["env": ["GREETING=a=b"]])["stdout"] == "a=b\n")
    // No descriptor of the worker's: 0 to 2, and the one with which `ls` looks.
    #expect(try run("ls /proc/self/fd | wc -l")["stdout"] == "4\n")
  }

  @Test func filesGoInAndComeOut() throws {
    let file = try bench.file("in.txt", "b\na\n")
    let outputs = try run(
      "mkdir -p out/deep; sort data/in.txt > sorted; cp sorted out/deep/x; echo changed >> data/in.txt; cat",
      [
        "files": [["name": "data/in.txt", "file": file]], "outputs": ["sorted", "out/deep/x"], "folder": "out",
        "stdin": file,
      ])
    let paths = try #require(outputs["files"]?.asArray).compactMap(\.asString)
    #expect(try paths.map { try String(contentsOfFile: $0, encoding: .utf8) } == ["a\nb\n", "a\nb\n"])
    #expect(outputs["dir"]?.asString?.hasSuffix("/out") == true)
    #expect(outputs["stdout"] == "b\na\n")
    #expect(try String(contentsOfFile: try #require(file.asString), encoding: .utf8) == "b\na\n", "inputs are copies")
  }

  @Test func failuresHaveTheLastWords() throws {
    let failure = try failure("for i in 1 2 3; do echo line $i >&2; done; exit 9")
    #expect(failure.code == "shell.exit" && failure.number == 9 && failure.kind == .failed)
    #expect(failure.message == "`/bin/sh` ended with exit code 9: line 3")
    #expect(failure.detail == "line 1\nline 2\nline 3\n")
    #expect(try self.failure("kill -SEGV $$").message.contains("signal 11"))
    #expect(try run("exit 9", ["exits": [0, 9]])["exit"] == 9)
    #expect(try self.failure("false; echo not here").code == "shell.exit", "sh -e")
  }

  @Test(
    arguments: [
      (["outputs": ["missing"]], "shell.output"), (["outputs": ["../x"]], "file.name"),
      (["outputs": ["/etc/passwd"]], "file.name"),
      (["outputs": ["link"]], "shell.output"), (["folder": "missing"], "shell.output"),
      (["env": ["nonsense"]], "shell.environment"),
      (["env": ["a\u{0}=b"]], "shell.environment"),
    ] as [([String: JSON], String)])
  func badDeclarationsAreRefused(more: [String: JSON], code: String) throws {
    #expect(try failure("ln -s /etc/passwd link", more).code == code)
  }

  @Test func programsThatDoNotStartAreNamed() throws {
    let failure = try bench.failure("std.shell.run", ["command": ["no-such-program", "x"]])
    #expect(failure.code == "shell.start" && failure.message.contains("no-such-program"))
    #expect(try bench.failure("std.shell.run", [:]).code == "shell.command")
    #expect(try bench.failure("std.shell.run", ["command": ["a\u{0}b"]]).code == "shell.command")
    #expect(try bench.json("std.shell.run", ["command": ["echo", "$HOME *"]])["stdout"] == "$HOME *\n")
  }

  @Test func wildOutputIsRefused() throws {
    #expect(try failure("head -c 17000000 /dev/zero").code == "shell.stdout")
    #expect(try failure("printf '\\377'").code == "shell.stdout")
    #expect(try run("head -c 100000 /dev/zero >&2")["exit"] == 0, "standard error without lines")
  }

  /// What a command leaves running ends with it, even in a session of its own.
  @Test func nothingIsLeftBehind() throws {
    let said = try run("setsid sleep 100000 & (sleep 100000 & sleep 100000 & echo $!) & echo $!; sleep 0.1")["stdout"]
    for word in try #require(said?.asString).split(separator: "\n") {
      #expect(kill(try #require(Int32(word)), 0) != 0)
    }
  }

  @Test(arguments: ["sleep 100000", "trap '' TERM; sleep 100000 & setsid sleep 100000; sleep 100000"])
  func cancellingEndsAll(script: String) throws {
    let call = try bench.call("std.shell.run", ["script": .string("echo $$ >&2; " + script)])
    let notes = Notes { [bench] in bench.cancel($0) }
    guard case .failure(let failure) = bench.run(call, notes).result else { throw Unexpected("it was not stopped") }
    #expect(failure.kind == .cancelled)
    for line in notes.said.log {
      let words = line.split(separator: " ")
      #expect(kill(try #require(words.last.flatMap { Int32($0) }), 0) != 0)
    }
  }
}
