import Foundation
import PluginHarness
import Tasks
import Testing
import Values

/// std.stats and std.eval against scipy and scikit-learn, in the environment of the main example.
@Suite struct StatsTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  private static let reference = """
    # /// script
    # requires-python = ">=3.11"
    # dependencies = ["numpy==2.4.6", "scikit-learn==1.9.1"]
    # ///
    import numpy as np
    from assay import task
    from scipy import stats
    from sklearn import metrics

    @task(pure=True, output="values")
    def tests(x: list[float], y: list[float]) -> list[float]:
        x, y = np.array(x), np.array(y)
        out = [x.mean(), x.std(ddof=1), *stats.t.interval(0.95, len(x) - 1, x.mean(), stats.sem(x))]
        out += [*np.quantile(x, [0, 0.25, 0.5, 0.75, 1])]
        out += [*stats.binomtest(7, 50).proportion_ci(0.9, "wilson")]
        r = stats.pearsonr(x, y)
        out += [r.statistic, r.pvalue, *r.confidence_interval(0.95)]
        r = stats.spearmanr(x, y)
        out += [r.statistic, r.pvalue]
        for r in (stats.ttest_ind(x, y, equal_var=False), stats.ttest_ind(x, y), stats.ttest_rel(x, y)):
            out += [r.statistic, r.df, r.pvalue, *r.confidence_interval(0.95)]
        r = stats.mannwhitneyu(x, y)
        out += [r.statistic, r.pvalue]
        r = stats.mannwhitneyu([1.5, 2.5, 9.5, 3.25], [4.0, 8.0, 7.0, 6.0, 2.0, 11.0], method="exact")
        out += [r.statistic, r.pvalue]
        return [float(v) for v in out + [stats.binomtest(9, 40).pvalue, stats.chi2.sf((abs(9 - 31) - 1) ** 2 / 40, 1)]]

    @task(pure=True, output="values")
    def scores(p: list[float], y: list[float]) -> list[float]:
        p, y = np.array(p), np.array(y)
        a, b = p[y == 1], p[y == 0]
        pairs = (a[:, None] > b).astype(float) + 0.5 * (a[:, None] == b)
        half = stats.norm.ppf(0.975) * np.sqrt(pairs.mean(1).var(ddof=1) / len(a) + pairs.mean(0).var(ddof=1) / len(b))
        auc = metrics.roc_auc_score(y, p)
        hits = ((p >= 0.5) == y).sum()
        out = [auc, auc - half, auc + half, *stats.binomtest(hits, len(y)).proportion_ci(0.95, "wilson")]
        out += [metrics.f1_score(y, p >= 0.5), metrics.log_loss(y, p), metrics.brier_score_loss(y, p)]
        out += [metrics.root_mean_squared_error(y, p), metrics.mean_absolute_error(y, p), metrics.r2_score(y, p)]
        terms = (p - y) ** 2
        return [float(v) for v in out + [*stats.t.interval(0.95, len(y) - 1, terms.mean(), stats.sem(terms))]]
    """

  private static let document = """
    assay 1
    use "./reference.py"
    workflow both {
      in x: list<float>
      in y: list<float>
      in p: list<float>
      in labels: list<float>
      step tests = reference.tests(x: x, y: y)
      step scores = reference.scores(p: p, y: labels)
      out tests: list<float> = tests.values
      out scores: list<float> = scores.values
    }
    """

  /// Numbers with ties, the same each time.
  private static func numbers(_ count: Int, _ seed: UInt64) -> [Double] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40) / Double(1 << 24)
    }
  }

  private let x = numbers(60, 1).map { ($0 * 40).rounded() / 4 }
  private let y = zip(numbers(60, 2), numbers(60, 1)).map { (($0 * 2 + $1) * 10).rounded() / 4 }
  private let scores = numbers(80, 3).map { 0.02 + 0.96 * ($0 * 50).rounded() / 50 }
  private var labels: [Double] { zip(scores, Self.numbers(80, 4)).map { $0 + $1 > 1 ? 1 : 0 } }

  private func reference() throws -> (tests: [Double], scores: [Double]) {
    try Self.reference.write(toFile: bench.directory + "/reference.py", atomically: true, encoding: .utf8)
    try Self.document.write(toFile: bench.directory + "/both.assay", atomically: true, encoding: .utf8)
    let inputs: JSON = .object([
      .init("x", list(x)), .init("y", list(y)), .init("p", list(scores)), .init("labels", list(labels)),
    ])
    try inputs.compact.write(toFile: bench.directory + "/in.json", atomically: true, encoding: .utf8)
    let process = Process(), out = Pipe()
    process.executableURL = URL(filePath: Bench.product("assay"))
    process.arguments = ["run", "both.assay", "--inputs", "in.json", "--json", "--progress", "none"]
    process.currentDirectoryURL = URL(filePath: bench.directory)
    process.environment = ProcessInfo.processInfo.environment.merging(["ASSAY_STORE": bench.directory + "/store"]) {
      $1
    }
    process.standardOutput = out
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = out.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let outputs = try JSON.parse([UInt8](text))["outputs"]
    func numbers(_ name: String) throws -> [Double] {
      try #require(outputs?[name]?.asArray, "\(String(decoding: text, as: UTF8.self))").compactMap(\.asDouble)
    }
    return (try numbers("tests"), try numbers("scores"))
  }

  private func list(_ values: [Double]) -> JSON { .array(values.map { .float($0) }) }

  private func call(_ task: String, _ inputs: [String: JSON], _ names: [String]) throws -> [Double] {
    let outputs = try bench.json(task, inputs)
    return try names.map { try #require(outputs[$0]?.asDouble, "\(task) has no \($0): \(outputs)") }
  }

  @Test func agreesWithScipyAndScikitLearn() throws {
    let reference = try reference()
    let pair = ["x": list(x), "y": list(y)]
    let t = ["t", "freedom", "p", "lower", "upper"]
    var ours = try call(
      "std.stats.describe", ["values": list(x)], ["mean", "std", "lower", "upper", "min", "q1", "median", "q3", "max"])
    ours += try call("std.stats.proportion", ["successes": 7, "trials": 50, "level": 0.9], ["lower", "upper"])
    ours += try call("std.stats.correlation", pair, ["r", "p", "lower", "upper"])
    ours += try call("std.stats.correlation", pair.merging(["method": "spearman"]) { $1 }, ["r", "p"])
    for kind in ["welch", "student", "paired"] {
      ours += try call("std.stats.t_test", pair.merging(["kind": .string(kind)]) { $1 }, t)
    }
    ours += try call("std.stats.mann_whitney", pair, ["u", "p"])
    ours += try call(
      "std.stats.mann_whitney", ["x": [1.5, 2.5, 9.5, 3.25], "y": [4.0, 8.0, 7.0, 6.0, 2.0, 11.0]], ["u", "p"])
    ours += try call("std.stats.mcnemar", ["only_first": 9, "only_second": 31], ["p"])
    ours += try call("std.stats.mcnemar", ["only_first": 9, "only_second": 31, "exact": false], ["p"])
    #expect(ours.count == reference.tests.count)
    for (index, (a, b)) in zip(ours, reference.tests).enumerated() {
      #expect(abs(a - b) <= 1e-9 * max(1, abs(b)), "number \(index)")
    }

    let cases = ["scores": list(scores), "labels": list(labels)]
    let interval = ["value", "lower", "upper"]
    var measures = try call("std.eval.auc", cases.merging(["interval": "delong"]) { $1 }, ["auc", "lower", "upper"])
    measures += try call("std.eval.accuracy", cases, ["lower", "upper"])
    measures += try call("std.eval.f1", cases, ["value"]) + call("std.eval.log_loss", cases, ["value"])
    let brier = try call("std.eval.brier", cases, interval)
    measures.append(brier[0])
    let regression = try bench.json("std.eval.regression", ["predictions": list(scores), "targets": list(labels)])
    measures += try ["rmse", "mae", "r2"].map { try #require(regression[$0]?["value"]?.asDouble) }
    for (index, (a, b)) in zip(measures, reference.scores).enumerated() {
      #expect(abs(a - b) <= 1e-9, "measure \(index)")
    }
    // A bootstrap interval is random: near that of the central limit theorem.
    let width = reference.scores[12] - reference.scores[11]
    #expect(abs(brier[1] - reference.scores[11]) < 0.15 * width && abs(brier[2] - reference.scores[12]) < 0.15 * width)
  }

  @Test(
    arguments: [
      ("std.stats.describe", ["values": []], "stats.few"), ("std.stats.describe", ["values": ["nan"]], "stats.values"),
      ("std.stats.proportion", ["successes": 3, "trials": 2], "stats.counts"),
      ("std.stats.correlation", ["x": [1.0, 2.0, 3.0], "y": [1.0, 1.0, 1.0]], "stats.constant"),
      ("std.stats.correlation", ["x": [1.0, 2.0, 3.0], "y": [1.0, 1.0, 1.0, 2.0]], "stats.pairs"),
      ("std.stats.t_test", ["x": [1.0, 1.0], "y": [1.0, 1.0]], "stats.constant"),
      ("std.stats.t_test", ["x": [1.0], "y": [1.0, 2.0]], "stats.few"),
      (
        "std.stats.mcnemar", ["only_first": 9_000_000_000_000_000_000, "only_second": 9_000_000_000_000_000_000],
        "stats.counts"
      ),
      ("std.eval.regression", ["predictions": [], "targets": []], "eval.empty"),
      ("std.eval.regression", ["predictions": [1.0], "targets": [1.0, 2.0]], "eval.shape"),
      ("std.eval.f1", ["scores": [0.5], "labels": [2.0]], "eval.labels"),
    ] as [(String, [String: JSON], String)])
  func whatCannotBeComputedIsRefused(task: String, inputs: [String: JSON], code: String) throws {
    let failure = try bench.failure(task, inputs)
    #expect(failure.code == code && failure.kind != .crash, "\(failure)")
  }

  @Test func extremesStayFinite() throws {
    #expect(try call("std.stats.mcnemar", ["only_first": 0, "only_second": 0], ["p"]) == [1])
    #expect(try call("std.stats.mann_whitney", ["x": [1.0, 1.0], "y": [1.0]], ["share", "p"]) == [0.5, 1])
    #expect(
      try call(
        "std.stats.correlation", ["x": [1.0, 2.0, 3.0, 4.0], "y": [2.0, 4.0, 6.0, 8.0]], ["r", "p"])[0] > 1 - 1e-12)
    #expect(try call("std.stats.proportion", ["successes": 0, "trials": 5], ["lower"]) == [0])
    let one = try bench.json("std.stats.describe", ["values": [3.0]])
    #expect(one["mean"] == 3.0 && one["std"] == nil || one["std"] == .null)
  }
}
