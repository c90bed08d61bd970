import Foundation
import PluginHarness
import Processes
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

  // MARK: - The guardian

  /// Whether a process is gone, or will be in a moment. One that has ended and waits to be noticed counts as gone.
  private func isGone(_ process: some StringProtocol) -> Bool {
    for _ in 0..<2_000 {
      let facts = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
      guard let state = facts?.split(separator: ")").last?.split(separator: " ").first, state != "Z" else {
        return true
      }
      usleep(5_000)
    }
    return false
  }

  private func words(_ outputs: [String: JSON]) throws -> [String] {
    try #require(outputs["stdout"]?.asString).split(whereSeparator: \.isWhitespace).map(String.init)
  }

  /// All commands of a worker have one guardian, and none begins before what the one before has left over is gone.
  @Test func leftoversAreNeverThoseOfTheNext() throws {
    var guardians: Set<String> = []
    for _ in 1...5 {
      let daemon = "setsid sh -c \"trap '' TERM HUP; echo \\$\\$; sleep 100000; echo late\""
      let first = try words(try run("(\(daemon) & \(daemon) &) ; sleep 0.05; echo $PPID"))
      let second = try words(try run("echo $PPID; sleep 100000 & kill -0 $! && echo alive"))
      #expect(first.count == 3 && second == [first[2], "alive"])
      for process in first.dropLast() { #expect(kill(try #require(Int32(process)), 0) != 0) }
      guardians.insert(first[2])
    }
    #expect(guardians.count == 1)
  }

  @Test func temporaryFilesAreNotSeenByTheNext() throws {
    let first = try words(try run("mkdir -p $TMPDIR/a/b; touch $TMPDIR/.x $TMPDIR/a/b/y; echo $TMPDIR"))
    #expect(try words(try run("echo $TMPDIR; ls -A $TMPDIR")) == first)
    #expect(try words(try run("rm -r $TMPDIR; echo gone")) == ["gone"])
    #expect(try words(try run("touch $TMPDIR/x; ls $TMPDIR")) == ["x"])
    let kept = bench.directory + "/kept"
    try Files.makeDirectory(kept)
    try Files.writeAtomically(kept + "/file", [1])
    #expect(try words(try run("rm -r $TMPDIR; ln -s \(kept) $TMPDIR; ls $TMPDIR")) == ["file"])
    #expect(try words(try run("ls -A $TMPDIR; echo none")) == ["none"])
    #expect(Files.stamp(kept + "/file") != nil, "what a link points to is not emptied")
  }

  @Test func aKilledWorkerTakesAllWithIt() throws {
    let call = try bench.call(
      "std.shell.run",
      [
        "script": .string(
          "setsid sleep 100000 & echo $! >&2; echo $$ >&2; echo $PPID >&2; cut -d' ' -f4 /proc/$PPID/stat >&2; sleep 100000"
        )
      ])
    let said = Notes(onLog: { lines in
      guard lines.count == 4, let worker = lines[3].split(separator: " ").last.flatMap({ Int32($0) }) else { return }
      kill(worker, SIGKILL)
    })
    guard case .failure(let failure) = bench.run(call, said).result else { throw Unexpected("it was not killed") }
    #expect(failure.kind == .crash)
    #expect(said.said.log.count == 4)
    for line in said.said.log { #expect(isGone(try #require(line.split(separator: " ").last)), "\(line)") }
  }

  @Test func aKilledGuardianTakesItsCommandWithIt() throws {
    let failure = try failure("echo $$ >&2; kill -9 $PPID; sleep 100000")
    #expect(failure.code == "shell.signal" && failure.number == 9)
    #expect(isGone(failure.detail.split(separator: "\n")[0]))
    #expect(try run("echo still here")["stdout"] == "still here\n")
  }

  @Test func guardiansEndWithTheirWorker() throws {
    var guardian = ""
    do {
      let other = try Bench()
      guardian = try words(try other.json("std.shell.run", ["script": "echo $PPID"]))[0]
      #expect(kill(try #require(Int32(guardian)), 0) == 0)
    }
    #expect(isGone(guardian))
  }

  @Test func programsAreLookedForInTheirOwnPath() throws {
    let tool = bench.directory + "/assay-test-tool"
    try Files.writeAtomically(tool, Array("#!/bin/sh\necho found\n".utf8))
    chmod(tool, 0o755)
    let command: [String: JSON] = ["command": ["assay-test-tool"]]
    #expect(try bench.failure("std.shell.run", command).code == "shell.start")
    let found = try bench.json("std.shell.run", command.merging(["env": [.string("PATH=" + bench.directory)]]) { $1 })
    #expect(found["stdout"] == "found\n")
  }

  @Test func longCommandsAndLongOutputsPass() throws {
    let word = String(repeating: "x", count: 100_000)
    let many = (0..<10).map { _ in JSON.string(word) }
    #expect(try run("echo $# ${#10}", ["command": .array(many)])["stdout"] == "10 100000\n")
    let tooMany = (0..<200).map { _ in JSON.string(word) }
    #expect(try failure("true", ["command": .array(tooMany)]).code == "shell.start")
    let both = try run("for i in 1 2 3 4 5; do seq 100000; seq 1000 >&2; done | cat; echo end")
    #expect(both["stdout"]?.asString?.utf8.count == 5 * 588_895 + 4)
  }
}
