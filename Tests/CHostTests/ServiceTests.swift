import CHost
import Calls
import Foundation
import Tasks
import Testing
import Values

/// What the host offers to a run, and what it refuses.
@Suite struct ServiceTests {
  @Test func runsKnowWhereTheyAre() throws {
    let host = try Host("good")
    let call = try host.call("good.context", timeout: .seconds(5))
    guard case .success(let outputs)? = try host.items(call).completion?.result,
      case .string(let text)?? = outputs.first
    else {
      Issue.record("no text")
      return
    }
    let words = call.seed.words
    let seed = "\(words.0),\(words.1),\(words.2),\(words.3)"
    #expect(text == "flow|node|run 9|\(call.temporaryDirectory)|3|\(seed)|1234|deadline")
  }

  @Test func filesAndDirectories() throws {
    let host = try Host("good")
    guard case .file(let file)?? = try host.outputs("good.write_file", [.string("hello")]).first,
      case .directory(let folder)?? = try host.outputs("good.write_dir").first
    else {
      Issue.record("no file")
      return
    }
    #expect(file.path.hasSuffix("/note.txt") && file.size == 5 && file.mediaType == "text/plain" && file.digest == nil)
    #expect(try String(contentsOfFile: file.path, encoding: .utf8) == "hello")
    #expect(folder.size == 27)
    #expect(try host.outputs("good.read_file", [.file(file)]) == [.string("hello")])
  }

  @Test func checkpointsAreReportedAtOnceAndGivenBack() throws {
    let host = try Host("good")
    let items = try host.items(try host.call("good.count", [.int(10)]))
    let checkpoints = items.compactMap { item -> [UInt8]? in
      guard case .checkpoint(7, let bytes) = item else { return nil }
      return bytes
    }
    #expect(checkpoints.count == 5 && host.flushes == 5)
    guard case .failure(let failure)? = items.completion?.result else {
      Issue.record("it did not stop")
      return
    }
    #expect(failure.kind == .transient)
    #expect(try host.outputs("good.count", [.int(10)], checkpoint: checkpoints.last) == [.int(5)])
  }

  @Test func secretsOnlyWhenDeclaredAndGiven() throws {
    let host = try Host("good")
    #expect(try host.outputs("good.secret", [.string("token")], secrets: ["token": "hunter2"]) == [.int(7)])
    #expect(try host.failure("good.secret", [.string("token")]).kind == .input)
    #expect(try host.failure("good.secret", [.string("password")], secrets: ["password": "x"]).kind == .contract)
  }

  @Test func talk() throws {
    let host = try Host("good")
    let items = try host.items(try host.call("good.talk"))
    #expect(items.logs == ["debug: whisper 1", "warning: shout", "info: ?"])
    #expect(
      items.contains { item in
        guard case .metric(7, "loss", 0.25, "nats", 3, _) = item else { return false }
        return true
      })
    #expect(host.progress == ["1.0/2.0 half"])
  }

  @Test func threadsOfATaskMayTalk() throws {
    let host = try Host("good")
    #expect(try host.items(try host.call("good.threads")).logs.count == 400)
  }

  @Test func failuresArriveWhole() throws {
    let failure = try Host("good").failure("good.fail", [.int(-2)])
    #expect(failure.kind == .transient && failure.code == "http" && failure.number == 503)
    #expect(failure.message == "the server is busy" && failure.detail == "line 1\nline 2" && failure.port == "x")
    #expect(failure.retryable == true && failure.retryAfter == .milliseconds(1500))
  }

  @Test func optionalInputsAndOutputs() throws {
    let host = try Host("good")
    #expect(try host.outputs("good.optional", [.null]) == [nil])
    #expect(try host.outputs("good.optional", [.int(4)]) == [.int(4)])
  }

  @Test func cancellationIsSeen() throws {
    let host = try Host("good")
    host.raise(1)
    #expect(try host.failure("good.sleeper", [.int(100_000)]).kind == .cancelled)
  }

  @Test func oneInstanceForEachConfiguration() throws {
    let host = try Host("good")
    func run(_ times: Int64) throws -> [Value?] {
      try host.outputs("good.configured", [.int(2)], configuration: .record([.init("times", .int(times))]))
    }
    let first = try run(3)
    #expect(first[0] == .int(6))
    #expect(try run(3) == first)
    let second = try run(4)
    #expect(second[0] == .int(8) && second[1] != first[1])
    #expect(try run(3) == first)
    for times in 10..<80 { _ = try run(Int64(times)) }
    guard case .int(let destroyed)?? = try run(3).last else {
      Issue.record("no count")
      return
    }
    #expect(destroyed > 0)
  }

  /// Each with a word that the message must have.
  @Test(arguments: [
    ("wrong_kind", "declared int"), ("missing_output", "without setting output `y`"), ("output_twice", "twice"),
    ("unknown_port", "output 8"), ("bad_utf8", "UTF-8"), ("negative_shape", "-3"), ("huge_shape", "too large"),
    ("released_stream", "released"), ("failing_stream", "the disk is gone"), ("odd_format", "`vu`"),
    ("unknown_status", "12345"), ("undeclared_secret", "root_password"), ("escaping_file", "absolute"),
  ])
  func brokenContracts(fixture: String, word: String) throws {
    let host = try Host(fixture)
    for _ in 0..<2 {
      let failure = try host.failure("fault.\(fixture)")
      #expect(failure.kind == .contract && failure.message.contains(word), "\(failure.message)")
    }
  }

  @Test func otherFailures() throws {
    #expect(try Host("fail_then_ok").failure("fault.fail_then_ok").kind == .input)
    #expect(try Host("silent_failure").failure("fault.silent_failure").message.contains("no message"))
    #expect(try Host("create_fails").failure("fault.create_fails").kind == .input)
  }

  @Test func aRunThatHasEndedRefusesEverything() throws {
    let host = try Host("stale_run")
    _ = try host.outputs("fault.stale_run")
    #expect(try host.outputs("fault.stale_run") == [.int(1)])
  }

  @Test func wrongInputsAreToldApart() throws {
    let host = try Host("good")
    #expect(try host.failure("good.add", [.int(1)]).message.contains("1 inputs"))
    #expect(try host.failure("good.add", [.string("x"), .int(1)]).message.contains("declared int"))
    #expect(try host.failure("good.configured", [.null]).kind == .contract)
  }
}
