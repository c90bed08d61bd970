import Dynamics
import Values

/// Digests of names.
func digest(_ name: String) -> Digest {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01b3 }
  return Digest(words: (hash, hash ^ 0x9e37, hash &* 31, 7))
}

let second: Int64 = 1_000_000_000

/// An execution with times in seconds.
func call(
  _ task: String, _ phase: Int, _ start: Int64, _ end: Int64, code: String = "c1", parameters: String = "p1",
  external: [String: String] = [:], from sources: [String: String] = [:], output: String? = nil, success: Bool = true
) -> Execution {
  var parts = [
    Part("code", .code, digest(code)), Part("params", .parameter, digest(parameters)),
    Part("env", .environment, digest("e1")),
  ]
  for (name, identity) in external.sorted(by: { $0.key < $1.key }) {
    parts.append(Part(name, .external, digest(identity)))
  }
  for (producer, identity) in sources.sorted(by: { $0.key < $1.key }) {
    parts.append(Part("from-\(producer)", .upstream(producer), digest(identity)))
  }
  return Execution(
    task: task, phase: phase, parts: parts, isSuccess: success, startedAt: start * second, finishedAt: end * second,
    output: output.map(digest))
}

func run(_ number: Int, _ executions: [Execution], symptoms: [Symptom] = [], line: String = "main") -> WorkRun {
  WorkRun(
    number: number, line: line, startedAt: executions.map(\.startedAt).min() ?? 0,
    finishedAt: executions.map(\.finishedAt).max() ?? 0, executions: executions, symptoms: symptoms)
}

let six = Phases([
  "problem_definition", "data_acquisition", "data_preparation", "model_development", "model_deployment", "monitoring",
])

/// The worked example of the definitions: thirteen executions in five runs.
let worked: [WorkRun] = [
  run(
    1,
    [
      call("define", 0, 0, 10, output: "spec1"),
      call("fetch", 1, 10, 30, external: ["src": "x1"], output: "raw1"),
      call("clean", 2, 30, 60, from: ["fetch": "raw1"], output: "cl1"),
      call("train", 3, 60, 120, from: ["clean": "cl1"], output: "m1"),
    ], symptoms: [Symptom(.check, phase: 3, about: 2, name: "train.nulls", text: "train.nulls fail")]),
  run(
    2,
    [
      call("clean", 2, 130, 150, code: "c2", from: ["fetch": "raw1"], output: "cl2"),
      call("train", 3, 150, 200, from: ["clean": "cl2"], output: "m2"),
    ], symptoms: [Symptom(.metric, phase: 3, name: "train.auc", text: "train.auc regress 0.81 -> 0.74")]),
  run(
    3,
    [
      call("fetch", 1, 210, 220, external: ["src": "x2"], output: "raw2"),
      call("clean", 2, 220, 235, code: "c2", from: ["fetch": "raw2"], output: "cl3"),
      call("train", 3, 235, 280, from: ["clean": "cl3"], output: "m3"),
      call("deploy", 4, 280, 290, from: ["train": "m3"], output: "ep1"),
    ], symptoms: [Symptom(.check, phase: 4, name: "deploy.latency", text: "deploy.latency fail")]),
  run(
    4,
    [
      call("train", 3, 300, 340, parameters: "p2", from: ["clean": "cl3"], output: "m4"),
      call("deploy", 4, 340, 350, from: ["train": "m4"], output: "ep2"),
    ]),
  run(5, [call("train", 3, 360, 400, code: "c3", parameters: "p2", from: ["clean": "cl3"], output: "m4")]),
]
