import Foundation
import Glibc
import Testing
import Values

/// `assay serve` as it is used: a real server beside real engines, asked by Python.

private let document = """
  assay 1

  use "./tool.so" as tool

  workflow main {
    in x: int(0..1000) = 3
    in go: string = "/"
    step model = tool.twice(x: x)
    step held = tool.hold(x: model.y, path: go)
    out y: int = held.y
  }

  experiment tune {
    study main()
    space { x in int 0..40 }
    metrics { y = y minimize }
    stage search { strategy random(trials: 3) }
    gate review after search {
      ask "Enough?"
      allow continue, stop
    }
  }

  """

/// A server on a port that is free, ended with the test.
private final class Serving {
  let process: Running
  let url: String
  let token: String

  init(_ project: Project, _ options: String...) throws {
    process = try project.start(["serve", "--port", "0", "--json"] + options)
    try #require(process.prints("\"names\""))
    let out = try FileManager.default.contentsOfDirectory(atPath: project.path).filter { $0.hasPrefix("out-") }
    let json = try JSON.parse(
      try #require(out.compactMap { project.read($0) }.first { $0.contains("assay.serving/1") }))
    url = try #require(json["url"]?.asString)
    let file = try #require(json["token_file"]?.asString)
    token = try String(contentsOfFile: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  /// Ends the server as a person does, and says how it ended.
  func end() throws -> Int32 {
    process.send(SIGINT)
    return try process.wait().exit
  }

  /// Runs a script in Python that knows `url`, `token` and a few helpers; its output.
  func python(_ script: String, in project: Project) throws -> String {
    let helpers = """
      import http.client, json, socket, sys, threading, time, urllib.parse
      url, token = sys.argv[1], sys.argv[2]
      place = urllib.parse.urlparse(url)
      def ask(method, path, body=None, **headers):
          c = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
          headers = {k.replace("_", "-"): v for k, v in headers.items()}
          if isinstance(body, dict): body = json.dumps(body)
          c.request(method, "/api" + path, body, headers)
          r = c.getresponse()
          text = r.read().decode()
          return r.status, (json.loads(text) if text else None), r
      def decide(number, body, token=token):
          return ask("POST", f"/experiments/{number}/decisions", body, Authorization="Bearer " + token)
      def raw(data, wait=30):
          s = socket.create_connection((place.hostname, place.port), timeout=wait)
          try: s.sendall(data)
          except OSError: pass
          answer = b""
          try:
              while True:
                  more = s.recv(65536)
                  if not more: break
                  answer += more
          except OSError: pass
          return answer

      """
    try project.write("ask.py", helpers + script)
    let (text, exit) = try shell("python3 ask.py \(url) \(token) 2>&1", in: project)
    #expect(exit == 0, "\(text)")
    return text
  }
}

@Test func aProjectIsServedAndDecidedAbout() throws {
  let project = try Project(["a.assay": document])
  try project.write("grace.token", "grace-knows-this-one\n")
  chmod(project.path + "/grace.token", 0o600)
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 5)
  let serving = try Serving(project, "--token", "grace=grace.token")
  let text = try serving.python(
    """
    status, all, _ = ask("GET", "/experiments")
    assert status == 200 and [e["name"] for e in all["experiments"]] == ["tune"], all
    status, one, answer = ask("GET", "/experiments/tune")
    json.dump(one, open("one.json", "w"))
    basis = int(answer.headers["Assay-Entries"])
    status, log, _ = ask("GET", "/experiments/1/log?from=2&limit=3")
    assert [e["entry"] for e in log["entries"]] == [3, 4, 5] and log["count"] == basis, log
    assert len(ask("GET", "/runs")[1]["runs"]) == 3
    assert ask("GET", "/runs/1")[1]["schema"] == "assay.run.report/1"
    assert ask("GET", "/runs/99")[0] == 404 and ask("GET", "/runs/x")[0] == 404
    assert ask("GET", "/experiments/tun")[0] == 404
    assert ask("GET", "/artifacts?limit=0")[0] == 400
    gate = ask("GET", "/gates")[1]["gates"][0]
    assert (gate["gate"], gate["answers"], gate["basis"]) == ("review", ["continue", "stop"], basis), gate
    # Who decides shows a token; other sites' pages and other names are turned away.
    assert ask("POST", "/experiments/1/decisions", {"operation": "pause"})[0] == 401
    assert decide(1, {"operation": "pause"}, "wrong-token-of-that-length")[0] == 401
    assert ask("GET", "/runs", Origin="http://evil.example")[0] == 403
    assert ask("GET", "/runs", Host="evil.example")[0] == 421
    assert ask("DELETE", "/runs")[0] == 405 and ask("GET", "/nothing")[0] == 404
    assert "access-control-allow-origin" not in ask("GET", "/runs")[2].headers
    # Wrong decisions change nothing.
    for body in ["", "[]", "{", '{"operation": 5}', '{"operation": "paus"}', '{"operation": "pause", "x": 1}',
                 '{"operation": "answer", "gate": "review", "answer": "perhaps"}',
                 '{"operation": "pause", "basis": 99999}', '{"operation": "pause", "basis": 1.5}', '{"operation": "pause", "basis": -1}']:
        assert decide(1, body)[0] == 400, body
    assert decide(1, {"operation": "exclude", "trial": 9})[0] == 404
    # Of many who answer at once on the same basis one is heard.
    found = []
    def answer(who): found.append(decide(1, {"operation": "answer", "gate": "review", "answer": "stop",
                                             "reason": "enough", "basis": basis}, who)[0])
    threads = [threading.Thread(target=answer, args=(t,)) for t in [token, "grace-knows-this-one"] * 6]
    for t in threads: t.start()
    for t in threads: t.join()
    assert sorted(found) == [201] + [409] * 11, found
    # A remark is no change of the situation.
    status, note, _ = decide(1, {"operation": "note", "text": "late", "basis": float(basis)}, "grace-knows-this-one")
    assert status == 201 and note["by"] == "grace", note
    status, late, _ = decide(1, {"operation": "pause", "basis": basis})
    assert status == 409 and "basis" in late["help"], late
    paths = ask("GET", "/openapi.json")[1]["paths"]
    assert "post" in paths["/api/experiments/{experiment}/decisions"]
    print("fine")
    """, in: project)
  #expect(text == "fine\n")
  #expect(try serving.end() == 130)
  // The same document as the command's, but for what was decided since.
  let log = try project.assay("exp", "log", "--json").json()
  #expect(try OutputSchema.mistakes([log]) == "")
  let decided = log["entries"]?.asArray?.filter { $0["kind"] == "decided" } ?? []
  #expect(decided.compactMap { $0["what"]?.asString } == ["answered stop (enough)", "late"])
  #expect(decided.last?["by"] == "grace")
  let shown = try JSON.parse(try #require(project.read("one.json")))
  let now = try project.assay("exp", "status", "--json").json()
  #expect(shown["trials"] == now["trials"])
  #expect(try project.assay("exp", "run", "a.assay", "--json").json()["status"] == "stopped")
}

/// What commands say about an experiment is the same document over HTTP.
@Test func whatCommandsSayIsServed() throws {
  let project = try Project([
    "a.assay": document.replacing(
      "metrics { y = y minimize }", with: "metrics {\n y = y minimize\n x = held.y maximize\n}"
    )
    .replacing("random(trials: 3)", with: "random(trials: 12)")
  ])
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 5)
  let serving = try Serving(project)
  let text = try serving.python(
    """
    for name, query in [("leaderboard", ""), ("leaderboard", "?stage=search&by=x&limit=2"), ("importance", ""),
                        ("pareto", "?metrics=y,x"), ("comparison", "?first=1&second=2")]:
        status, one, _ = ask("GET", "/experiments/tune/" + name + query)
        assert status == 200, (name, one)
        json.dump(one, open(name + str(len(query)) + ".json", "w"))
    assert ask("GET", "/experiments/tune/leaderboard?stage=serach")[0] == 404
    assert ask("GET", "/experiments/tune/leaderboard?limit=0")[0] == 400
    assert ask("GET", "/experiments/tune/comparison")[0] == 400
    assert ask("GET", "/experiments/tune/comparison?first=1&second=99")[0] == 404
    assert ask("POST", "/experiments/tune/leaderboard", {})[0] in (401, 405)
    parameters = ask("GET", "/openapi.json")[1]["paths"]["/api/experiments/{experiment}/leaderboard"]["get"]["parameters"]
    assert [p["name"] for p in parameters] == ["experiment", "stage", "by", "cost", "limit"], parameters
    print("fine")
    """, in: project)
  #expect(text == "fine\n")
  for (file, command) in [
    ("leaderboard0", ["exp", "leaderboard", "tune"]),
    ("leaderboard26", ["exp", "leaderboard", "tune", "--stage", "search", "--by", "x", "--limit", "2"]),
    ("importance0", ["exp", "importance", "tune"]), ("pareto12", ["exp", "pareto", "tune", "--metrics", "y,x"]),
    ("comparison17", ["exp", "compare", "tune", "1", "2"]),
  ] {
    let served = try JSON.parse(try #require(project.read("\(file).json")))
    let printed = try project.start(command + ["--json"]).wait().json()
    #expect(served == printed, "\(file)")
  }
  _ = try serving.end()
}

@Test func eventsComeAsTheEngineMakesThem() throws {
  let project = try Project(["a.assay": document.replacingOccurrences(of: "\"/\"", with: "\"\(UUID().uuidString)\"")])
  // Trials hold until their file is there.
  let hold = try #require(project.read("a.assay")?.firstMatch(of: /go: string = "([^"]+)"/)?.1).description
  let engine = try project.start(["exp", "run", "a.assay", "-j", "1"])
  #expect(engine.waits(for: "trial 1:"))
  let serving = try Serving(project)
  let text = try serving.python(
    """
    c = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
    c.request("GET", "/api/experiments/1/events?from=2")
    r = c.getresponse()
    assert r.headers["Content-Type"] == "text/event-stream"
    seen = []
    while True:
        line = r.readline().decode().strip()
        if line.startswith("id: "): seen.append([int(line[4:])])
        if line.startswith("event: "): seen[-1].append(line[7:])
        if line.startswith("data: "):
            entry = json.loads(line[6:])
            assert entry["entry"] == seen[-1][0] and entry["kind"] == seen[-1][1]
            # The engine runs: it hears a decision of the server, and lets go.
            if entry["kind"] == "proposed" and entry["trial"] == 1:
                assert decide(1, {"operation": "stop", "reason": "seen"})[0] == 201
                open("\(hold)", "w").close()
            if entry["kind"] == "closed": break
    assert [s[0] for s in seen] == list(range(3, 3 + len(seen))), seen
    assert [s[1] for s in seen] == ["proposed", "decided", "ended", "closed"], seen
    # Somebody who lost the connection goes on where it was.
    c = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
    c.request("GET", "/api/experiments/1/events", headers={"Last-Event-ID": str(len(seen))})
    r = c.getresponse()
    while not (line := r.readline().decode().strip()).startswith("id: "): pass
    assert line == f"id: {len(seen) + 1}", line
    print("fine")
    """, in: project)
  #expect(text == "fine\n")
  #expect(try engine.wait().exit == 0)
  #expect(try serving.end() == 130)
}

/// What the command line can decide, programs can, with the same checks.
@Test func programsDecideWhatPeopleDo() throws {
  let gated = document.replacingOccurrences(of: "allow continue", with: "by \"officer\"\n    allow continue")
  let project = try Project(["a.assay": gated, "assay.toml": "[people]\nroles = [\"officer=grace\"]\n"])
  try project.write("grace.token", "grace-knows-this-one\n")
  chmod(project.path + "/grace.token", 0o600)
  #expect(try project.assay("exp", "run", "a.assay", "-j", "1").exit == 5)
  let serving = try Serving(project, "--token", "grace=grace.token")
  let text = try serving.python(
    """
    x = ask("GET", "/experiments/1")[1]["trials"][0]["configuration"]["x"]
    other = 39 if x != 39 else 38
    for body, what in [
        ({"operation": "enqueue", "settings": {"x": other}}, f"asked for x={other}"),
        ({"operation": "enqueue", "like": 1, "again": True}, f"asked for x={x}"),
        ({"operation": "undo", "entry": None}, "taking back entry"),
        ({"operation": "veto", "trial": 1}, f"vetoed x={x}"), ({"operation": "allow", "trial": 1}, f"allowed again x={x}"),
        ({"operation": "veto", "where": "x > 39"}, "only where not (x > 39)"),
        ({"operation": "pin", "parameter": "x", "value": 7}, "pinned x to 7"),
        ({"operation": "unpin", "parameter": "x"}, "unpinned x"),
        ({"operation": "space", "lines": ["x in int 0..50"]}, "space: x in int 0..50"),
        ({"operation": "budget", "what": "trials", "amount": 9}, "trials 9"),
        ({"operation": "budget", "what": "wall", "amount": "2h"}, "wall 2h"),
        ({"operation": "budget", "what": "wall"}, "no limit of wall"),
        ({"operation": "take_over"}, "took over"), ({"operation": "hand_back"}, "handed back"),
        ({"operation": "exclude", "trial": 2}, "took trial 2 out"), ({"operation": "include", "trial": 2}, "back in"),
        ({"operation": "pause"}, "pause"), ({"operation": "resume"}, "resume"),
        ({"operation": "metric", "lines": ["twice = 2 * y minimize limit 99"], "first": True}, "limit 99, above all"),
        ({"operation": "repeat", "trial": 1, "seed": 5}, "asked for trial 1 again with seed 5"),
        ({"operation": "prefer", "trial": 1, "over": 2}, "prefers trial 1 to trial 2"),
        ({"operation": "prefer", "trial": 1, "over": 2, "no_longer": True}, "no longer prefers trial 1"),
    ]:
        if "entry" in body: body["entry"] = last
        status, said, _ = decide(1, body)
        assert status == 201 and what in said["what"], (body, said)
        last = said["entry"]
    # The same checks, in the same words.
    for body, message in [
        ({"operation": "enqueue", "settings": {"y": 3}}, "the space has no parameter `y`"),
        ({"operation": "enqueue", "settings": {"x": [3]}}, "an object of strings, numbers and booleans"),
        ({"operation": "veto"}, "takes one of"), ({"operation": "pin", "parameter": "x", "value": "y"}, "cannot be `y`"),
        ({"operation": "space", "lines": ["x in [1, 2]"]}, "cannot become another kind"),
        ({"operation": "budget", "what": "trails", "amount": 3}, "a budget has no `trails`"),
        ({"operation": "unpin", "parameter": "x"}, "is not pinned"), ({"operation": "undo", "entry": 1}, "is no decision"),
        ({"operation": "answer", "gate": "review", "answer": "stop"}, "may not answer gate `review`"),
        ({"operation": "delegate", "gate": "review", "to": "eve"}, "may not answer gate `review`"),
        ({"operation": "metric", "lines": ["y upward"]}, "a metric has no `upward`"),
        ({"operation": "prior", "strength": 3}, "what is believed to be good?"),
        ({"operation": "prior", "settings": {"x": 9}, "strength": 0}, "a number above 0"),
        ({"operation": "prior", "settings": {"x": 9}, "region": "x < 20", "strength": 2.5}, "there is nothing to steer"),
        ({"operation": "no_prior"}, "nobody has stated a prior"),
        ({"operation": "repeat", "trial": 1, "seed": 5}, "waits to be run already"),
        ({"operation": "prefer", "trial": 1, "over": 1}, "not better than itself"),
    ]:
        status, said, _ = decide(1, body)
        assert status in (400, 404) and message in said["message"], (body, said)
    # Only who has the role may answer.
    grace = "grace-knows-this-one"
    gates = [ask("GET", "/gates", Authorization="Bearer " + t)[1] for t in (token, grace)]
    json.dump(gates[1], open("gates.json", "w"))
    mine = [g["gates"][0] for g in gates]
    assert [m["mine"] for m in mine] == [False, True] and mine[0]["people"] == ["grace"], mine
    assert decide(1, {"operation": "delegate", "gate": "review", "to": "tester"}, grace)[0] == 201
    assert ask("GET", "/gates", Authorization="Bearer " + token)[1]["gates"][0]["mine"]
    status, said, _ = decide(1, {"operation": "answer", "gate": "review", "answer": "stop"}, grace)
    assert "handed gate `review` on to" in said["message"], said
    assert decide(1, {"operation": "undo", "entry": last + 1}, grace)[0] == 201
    status, said, _ = decide(1, {"operation": "answer", "gate": "review", "answer": "stop", "form": {"a": 1}}, grace)
    assert "the form has no field `a`" in said["message"], said
    status, said, _ = decide(1, {"operation": "answer", "gate": "review", "answer": "stop", "basis": last + 2}, grace)
    assert status == 201 and said["what"] == "answered stop at review as officer" and said["by"] == "grace", said
    assert ask("GET", "/experiments/1/gates")[1]["gates"] == []
    json.dump(said, open("said.json", "w"))
    print("fine")
    """, in: project)
  #expect(text == "fine\n")
  #expect(try serving.end() == 130)
  let gates = try JSON.parse(try #require(project.read("gates.json")))
  let said = try JSON.parse(try #require(project.read("said.json")))
  let log = try project.assay("exp", "log", "--json").json()
  #expect(try OutputSchema.mistakes([gates, said, log]) == "")
  #expect(log["entries"]?.asArray?.last?["by"] == "grace")
}

@Test func badMannersDoNotHoldTheServerUp() throws {
  let project = try Project(["a.assay": document])
  let serving = try Serving(project, "--timeout", "0.3")
  let text = try serving.python(
    """
    import random
    draw = random.Random(3)
    good = b"GET /api/runs HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n"
    # Random bytes, and requests with random changes.
    for n in range(150):
        data = bytearray(good) if n % 2 else bytearray(draw.randbytes(draw.randrange(300)))
        for _ in range(draw.randrange(4)):
            if data: data[draw.randrange(len(data))] = draw.randrange(256)
        s = socket.create_connection((place.hostname, place.port), timeout=30)
        s.sendall(data)
        s.close()
    assert raw(b"GET / HTTP/1.1\\r\\nHost: a\\r\\nX: " + b"a" * 50000).startswith(b"HTTP/1.1 431")
    big = b"POST /api/experiments/1/decisions HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 2000000\\r\\n\\r\\n"
    assert raw(big + b"x" * 2000000).startswith(b"HTTP/1.1 413")
    # A request that drips is given up, however many come.
    slow = [socket.create_connection((place.hostname, place.port), timeout=30) for _ in range(100)]
    for s in slow: s.sendall(b"GET /api/runs HTTP/1.1\\r\\n")
    assert ask("GET", "/runs")[0] == 200
    for s in slow: assert s.recv(100).startswith(b"HTTP/1.1 408")
    # Several requests on one connection, at once.
    whole = raw(good.replace(b"Connection: close\\r\\n", b"") * 3 + good)
    assert whole.count(b"HTTP/1.1 200") == 4, whole
    print("fine")
    """, in: project)
  #expect(text == "fine\n")
  #expect(try serving.end() == 130)
}

@Test func aServerThatCannotBeStartedSaysWhy() throws {
  let project = try Project(["a.assay": document])
  let serving = try Serving(project)
  let port = try #require(URL(string: serving.url)?.port)
  let second = try project.assay("serve", "--port", "\(port)")
  #expect(second.exit == 1 && second.err.contains("--port 0"))
  #expect(try serving.end() == 130)
  #expect(try project.assay("serve", "--host", "example.com").exit == 2)
  try project.write("loose.token", "a-token-that-all-can-read\n")
  let loose = try project.assay("serve", "--port", "0", "--token", "x=loose.token")
  #expect(loose.exit == 2 && loose.err.contains("chmod 600"))
}
