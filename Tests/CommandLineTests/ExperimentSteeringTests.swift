import Foundation
import Synchronization
import Testing
import Values

/// People and experiments by the built program: decisions beside a running engine, gates and roles, hooks, forks, replays.
@Suite struct ExperimentSteeringTests {
  private static func document(_ inside: String, held: String = "/") -> String {
    """
    assay 1

    use "./tool.so" as tool

    workflow main {
      in x: int(0..1000) = 3
      in go: string = "\(held)"
      step shared = tool.twice(x: 20)
      step model = vary(x: x) {
        variant plain = tool.twice()
        variant cursed = tool.boom()
        default plain
      }
      step held = tool.hold(x: model.y, path: go)
      out y: int = held.y
      out base: int = shared.y
    }

    experiment tune {
      study main()
    \(inside)
    }

    """
  }

  private static let inside = """
      space {
        model in [plain, cursed]
        x in int 0..40
        where not (model == cursed)
      }
      metrics { y = y minimize }
      stage search { strategy random(trials: 8) }
      seed 3
    """

  private static let gated = """
      space { x in int 0..40 }
      metrics { y = y minimize }
      stage screen { strategy sobol(trials: 3) }
      gate review after screen {
        ask "Go on?"
        allow continue, narrow, stop
        by "risk-officer"
      }
      stage more after review { strategy random(trials: 3) }
    """

  private func trials(_ json: JSON) -> [JSON] { json["trials"]?.asArray ?? [] }
  private func xs(_ project: Project, _ experiment: String = "1") throws -> [Int64?] {
    trials(try project.assay("exp", "status", experiment, "--json").json()).map { $0["configuration"]?["x"]?.asInt }
  }

  /// All kinds of decisions while an engine is in the middle of a trial; it goes on with what they say.
  @Test func decisionsReachARunningEngine() throws {
    let project = try Project()
    try project.write("a.assay", Self.document(Self.inside, held: "\(project.path)/go"))
    let running = try project.start(["exp", "run", "a.assay", "-j", "1"])
    #expect(running.waits(for: "▸ trial 1"))
    func decide(_ words: String..., says text: String) throws {
      let result = try project.assayList(["exp"] + words)
      #expect(result.exit == 0, "\(words): \(result.err)")
      #expect(result.out.contains(text), "\(words): \(result.out)")
    }
    try decide("enqueue", "1", "model=plain", "x=7", "--reason", "hunch", says: "asked for model=plain x=7 (hunch)")
    try decide("veto", "1", "--where", "x > 20", says: "48.8 % of what could be proposed is gone")
    try decide("space", "1", "x in int 5..100", says: "x in int 0..40 → x in int 5..100")
    try decide("budget", "1", "trials=6", "wall=2h", says: "no limit of trials → trials 6")
    try decide("strategy", "1", "search", "tpe(trials: 9)", says: "random(trials: 8) → tpe(trials: 9)")
    try decide("veto", "1", "model=plain", "x=11", says: "vetoed model=plain x=11")
    try decide("pin", "1", "model=plain", says: "model = plain")
    #expect(running.waits(for: "pinned"))
    try project.write("go", "")
    let ended = try running.wait()
    #expect(ended.exit == 6, "\(ended.err)")
    let tried = try xs(project)
    #expect(tried.count == 6)
    #expect(tried[1] == 7)
    #expect(tried.dropFirst(2).allSatisfy { (5...20).contains($0 ?? 0) && $0 != 11 })
    let shown = try project.assay("exp", "space", "1").out
    #expect(
      shown.contains("x in int 5..100") && shown.contains("model = plain") && shown.contains("where not (x > 20)"))

    let listed = try project.assay("exp", "decisions", "1", "--json").json()
    let decisions = listed["decisions"]?.asArray ?? []
    #expect(decisions.count == 8)
    #expect(decisions.allSatisfy { $0["by"] == "tester" && ($0["basis"]?.asInt ?? 0) > 0 })
    // Asked for again, all proposals are the same.
    let replay = try project.assay("exp", "replay", "1", "--json")
    #expect(replay.exit == 0)
    #expect(try replay.json()["asked"]?.asInt == 6)
    let region = decisions.first { $0["what"]?.asString?.contains("x > 20") == true }?["entry"]?.asInt ?? 0
    let dry = try project.assay("exp", "replay", "1", "--without", "\(region)", "--dry", "--json").json()
    let real = try project.assay("exp", "replay", "1", "--without", "\(region)", "--json").json()
    #expect(dry["ran"] == 0 && (dry["open"]?.asInt ?? 0) > 0)
    #expect(real["open"] == 0 && real["ran"] == dry["open"])
    #expect(real["with"]?["trials"] == 6 && real["without"]?["trials"] == 6)
    #expect(real["gain"]?.asDouble != nil)
    let space = try project.assay("exp", "space", "1", "--json").json()
    #expect(try OutputSchema.mistakes([listed, try replay.json(), real, space]) == "")
  }

  @Test func mistakesAreToldInTheLanguagesWords() throws {
    let project = try Project(["a.assay": Self.document(Self.gated)])
    #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 5)
    let cases: [([String], String)] = [
      (["enqueue", "1", "y=3"], "the space has no parameter `y`"), (["enqueue", "1", "x=99"], "it is in int 0..40"),
      (["enqueue", "1"], "x missing"), (["veto", "1", "--where", "z > 3"], "cannot find `z`"),
      (["veto", "1", "--where", "x > 3 } metrics {"], "cannot stand in"), (["veto", "1", "9"], "there is no trial 9"),
      (["veto", "1", "--where", "x + 3"], "error[E0207]"), (["pin", "1", "x=forty"], "`x` cannot be `forty`"),
      (["pin", "1", "x"], "NAME=VALUE"), (["unpin", "1", "x"], "is not pinned"),
      (["space", "1", "x in [1, 2]"], "cannot become another kind"),
      (["space", "1", "x in int 9..1"], "this range is empty"),
      (["space", "1", "z in int 1..9"], "did you mean `x`?"),
      (["space", "1", "x is int 1..9"], "is not a line of a space"),
      (["budget", "1", "trails=3"], "did you mean `trials`?"), (["budget", "1", "wall=3"], "is a duration"),
      (["strategy", "1", "more", "tpee(trials: 3)"], "did you mean `tpe`?"),
      (["strategy", "1", "screen", "tpe(trials: 3)"], "has ended"), (["tell", "1", "x=3"], "--metric y=…"),
      (["undo", "1", "1"], "is no decision"), (["hand-back", "1"], "nobody has taken it over"),
      (["pause", "1", "--basis", "2"], "you decided on 2 entries, there are"),
      (["fork", "1", "--at", "99"], "no entry 99"),
    ]
    for (words, text) in cases {
      let result = try project.assayList(["exp"] + words)
      #expect([2, 4].contains(result.exit), "\(words)")
      #expect(result.err.contains(text), "\(words): \(result.err)")
    }
    #expect(try project.assay("exp", "decisions", "--json").json()["decisions"]?.asArray == [])
  }

  @Test func aGateAsksThoseWhoMayAnswer() throws {
    let project = try Project([
      "a.assay": Self.document(Self.gated), "assay.toml": "[people]\nroles = [\"risk-officer=ada,grace\"]\n",
    ])
    #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 5)
    #expect(try project.assay("inbox").exit == 0)
    let inbox = try project.assay("inbox", "--json", environment: ["USER": "grace"])
    #expect(inbox.exit == 5)
    #expect(try inbox.json()["gates"]?.asArray?.first?["mine"] == true)
    let listed = try project.assay("gate", "list", "--json").json()
    #expect(listed["gates"]?.asArray?.first?["people"]?.asArray == ["ada", "grace"])
    let shown = try project.assay("gate", "show", "1")
    #expect(shown.out.contains("asks       Go on?") && shown.out.contains("evidence   trial "))
    let wrong = try project.assay("gate", "answer", "1", "review", "continue")
    #expect(wrong.exit == 2)
    #expect(wrong.err.contains("tester may not answer gate `review`: it asks risk-officer"))
    #expect(wrong.err.contains("people: ada, grace"))
    let ada = ["USER": "ada"]
    #expect(try project.assay("gate", "answer", "1", "review", "stop", "--where", "x < 9", environment: ada).exit == 2)
    let narrow = try project.assay("gate", "answer", "1", "review", "narrow", "--where", "x < 9", environment: ada)
    #expect(narrow.exit == 0, "\(narrow.err)")
    #expect(narrow.out.contains("as risk-officer"))
    let twice = try project.assay("gate", "answer", "1", "review", "stop", environment: ["USER": "grace"])
    #expect(twice.exit == 2)
    #expect(twice.err.contains("answered already: narrow, by ada"))
    #expect(try project.assay("gate", "list").out == "")
    #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 0)
    #expect(try xs(project).suffix(3).allSatisfy { ($0 ?? 99) < 9 })
    let gate = try inbox.json()
    #expect(try OutputSchema.mistakes([gate, listed]) == "")
  }

  /// A command and an address are told; one that fails or hangs is said, and nothing else happens.
  @Test func hooksAreCalledAndHarmNothing() throws {
    let project = try Project(["a.assay": Self.document(Self.gated.replacing("by \"risk-officer\"", with: ""))])
    let server = try Listener()
    let told = ["ASSAY_HOOKS_COMMAND": "cat >> told", "ASSAY_HOOKS_WEBHOOK": "http://127.0.0.1:\(server.port)/hook"]
    let run = try project.assay("exp", "run", "a.assay", "-j", "1", environment: told)
    #expect(run.exit == 5, "\(run.err)")
    let text = try #require(project.read("told"))
    let json = try JSON.parse(text)
    #expect(json["event"] == "gate" && json["gate"] == "review" && json["to"]?.asArray == ["tester"])
    let posted = server.request
    #expect(posted.hasPrefix("POST /hook"))
    #expect(posted.contains(text))

    #expect(try project.assay("exp", "answer", "1", "review", "continue").exit == 0)
    let slow = try project.assay(
      "exp", "run", "a.assay", "-j", "1",
      environment: ["ASSAY_HOOKS_COMMAND": "sleep 600", "ASSAY_HOOKS_TIMEOUT": "1s"])
    #expect(slow.exit == 0)
    #expect(slow.err.contains("took longer than 1s and was ended"))
    // As often as somebody wants to be asked, and no oftener.
    let asked = try project.assay(
      "exp", "run", "a.assay", "--new", "-j", "1",
      environment: ["ASSAY_HOOKS_COMMAND": "cat > again; exit 1", "ASSAY_PEOPLE_QUESTIONS": "1"])
    #expect(asked.exit == 5)
    #expect(project.read("again") == nil)
    #expect(try project.assay("inbox").exit == 5)
  }

  @Test func aForkGoesOnByItselfAndCanBeMadeAgain() throws {
    let project = try Project(["a.assay": Self.document(Self.inside)])
    #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 0)
    let whole = try xs(project)
    #expect(try project.assay("exp", "fork", "1", "--trial", "3", "--reason", "again").exit == 0)
    #expect(try xs(project, "2") == Array(whole.prefix(3)))
    // Whatever became of the document.
    try project.write("a.assay", "assay 1\n")
    let rest = try project.assay("exp", "continue", "2", "-j", "1")
    #expect(rest.exit == 0, "\(rest.err)")
    #expect(try xs(project, "2") == whole)
    let again = try project.assay("exp", "reproduce", "2", "--json")
    #expect(again.exit == 0, "\(again.out)")
    #expect(try again.json()["verdict"] == "same")
    #expect(try again.json()["trials"]?.asArray?.count == 8)
    #expect(try OutputSchema.mistakes([try again.json()]) == "")
  }

  @Test func whoTakesOverAsksAndTells() throws {
    let project = try Project(["a.assay": Self.document(Self.gated)])
    #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 5)
    #expect(try project.assay("exp", "fork", "1", "--trial", "2").exit == 0)
    let proposed = try project.assay("exp", "ask", "2", "--json").json()
    #expect(proposed["proposals"]?.asArray?.first?["trial"] == 3)
    let told = try project.assay("exp", "tell", "2", "x=39", "--metric", "y=-5")
    #expect(told.exit == 0, "\(told.err)")
    #expect(try project.assay("exp", "take-over", "2").exit == 0)
    #expect(try project.assay("exp", "status", "2", "--json").json()["best"] == 3)
    let out = try project.assay("exp", "decisions", "2", "--json").json()
    let entry = out["decisions"]?.asArray?.last?["entry"]?.asInt ?? 0
    let undone = try project.assay("exp", "undo", "2", "\(entry)")
    #expect(undone.out.contains("handed back, taking back entry \(entry)"))
    #expect(try OutputSchema.mistakes([proposed, out]) == "")
  }
}

extension Project {
  fileprivate func assayList(_ arguments: [String]) throws -> Result { try start(arguments, environment: [:]).wait() }
}

/// A server on this machine that takes one request and is content with it.
private final class Listener: Sendable {
  let port: UInt16
  private let descriptor: Int32
  private let done = DispatchSemaphore(value: 0)
  private let text = Mutex("")

  init() throws {
    let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    descriptor = listening
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listening, $0, size) == 0 && listen(listening, 4) == 0 && getsockname(listening, $0, &size) == 0
      }
    }
    try #require(bound)
    port = UInt16(bigEndian: address.sin_port)
    let finished = done
    Thread.detachNewThread { [weak self] in
      let peer = accept(listening, nil, nil)
      var received: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while !String(decoding: received, as: UTF8.self).hasSuffix("}") {
        let count = read(peer, &buffer, buffer.count)
        if count <= 0 { break }
        received += buffer.prefix(count)
      }
      let answer = Array("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".utf8)
      _ = write(peer, answer, answer.count)
      close(peer)
      self?.text.withLock { $0 = String(decoding: received, as: UTF8.self) }
      finished.signal()
    }
  }

  deinit { close(descriptor) }

  var request: String {
    _ = done.wait(timeout: .now() + 60)
    return text.withLock { $0 }
  }
}
