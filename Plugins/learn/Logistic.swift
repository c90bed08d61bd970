import AssayKit

/// A linear model of the log odds.
struct LogisticModel: AssayRecord {
  @Field("weights", type: "tensor<f64>[d]") var weights: Tensor<Double>
  @Field("intercept") var intercept: Double
}

/// Fits the model.
struct Train: AssayTask {
  static let task = TaskInfo(
    "std.learn.train", version: "1.0.0", title: "Train a logistic regression", phase: "development",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      Logistic regression with an L2 penalty by Newton's method: minimises the sum of the log losses plus \
      l2 / 2 times the squared weights; the intercept is not penalised. Scale the features first. \
      Fails with learn.shape, learn.labels, learn.values or learn.diverged.

      assay> use std.file
      assay> use std.table
      assay> f = file.write_text(text: "x,y\\n-2,0\\n-1,0\\n0,1\\n0,0\\n1,1\\n2,1\\n")
      assay> raw = table.read_csv(path: f.file)
      assay> rows = table.to_tensor(table: raw.table, target: "y")
      assay> learn.train(x: rows.features, y: rows.target)
      loss = 0.3767
      steps = 5

      assay> use std.file
      assay> use std.table
      assay> f = file.write_text(text: "x,y\\n-2,0\\n-1,0\\n0,1\\n0,0\\n1,1\\n2,1\\n")
      assay> raw = table.read_csv(path: f.file)
      assay> rows = table.to_tensor(table: raw.table, target: "y")
      assay> same = table.tensor(values: [1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
      assay> learn.train(x: rows.features, y: same.tensor)
      fails: learn.labels
      """)

  @In("x", type: "tensor<f64>[n, d]", doc: "one row of features per case, finite") var x: Tensor<Double>
  @In("y", type: "tensor<f64>[n]", doc: "labels, 0 or 1; both have to occur") var y: Tensor<Double>
  @In("l2", doc: "strength of the penalty", in: 0...Double.infinity) var l2 = 1.0
  @In("iterations", doc: "at most so many steps", in: 1...10_000) var iterations = 100
  @In("tolerance", doc: "ends when the largest change of a weight is below it", in: 0...1) var tolerance = 1e-8
  @Out("model", doc: "weights and intercept") var model: LogisticModel
  @Out("loss", doc: "mean log loss on the training rows, without the penalty", unit: "nat") var loss: Double
  @Out("steps", doc: "steps taken") var steps: Int

  mutating func run(_ context: Context) throws {
    try checkRows()
    var fit = LogisticFit(features: x.elements, labels: y.elements, columns: x.shape[1], l2: l2)
    var taken = 0
    var change = Double.infinity
    while change > tolerance, taken < iterations {
      try context.checkCancelled()
      change = try fit.step()
      taken += 1
      context.metric("loss", fit.meanLoss, unit: "nat", step: taken)
      context.progress(Double(taken), of: Double(iterations), "Newton step \(taken)")
    }
    if change > tolerance { context.log("stopped after \(taken) steps, still changing by \(change)", .warning) }
    var result = LogisticModel()
    result.weights = Tensor(Array(fit.weights.dropLast()))
    result.intercept = fit.weights.last ?? 0
    model = result
    loss = fit.meanLoss
    steps = taken
  }

  private func checkRows() throws {
    guard x.shape.count == 2, y.shape.count == 1, y.shape[0] == x.shape[0] else {
      throw TaskFailure("the features are \(x.shape), the labels \(y.shape)", code: "learn.shape", port: "y")
    }
    let labels = y.elements
    guard labels.allSatisfy({ $0 == 0 || $0 == 1 }), labels.contains(0), labels.contains(1) else {
      throw TaskFailure("the labels have to be 0 and 1, and both have to occur", code: "learn.labels", port: "y")
    }
    guard x.elements.allSatisfy(\.isFinite) else {
      throw TaskFailure("a feature is not a finite number", code: "learn.values", port: "x")
    }
  }
}

/// Applies the model.
struct Predict: AssayTask {
  static let task = TaskInfo(
    "std.learn.predict", version: "1.0.0", title: "Predict with a logistic regression", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      The probability of label 1 for each row. Fails with learn.shape.

      assay> use std.file
      assay> use std.table
      assay> f = file.write_text(text: "x,y\\n-2,0\\n-1,0\\n0,1\\n0,0\\n1,1\\n2,1\\n")
      assay> raw = table.read_csv(path: f.file)
      assay> rows = table.to_tensor(table: raw.table, target: "y")
      assay> fit = learn.train(x: rows.features, y: rows.target)
      assay> learn.predict(model: fit.model, x: rows.features)
      scores = [0.1178, 0.2676, 0.5, 0.5, 0.7324, 0.8822]
      """)

  @In("model", doc: "what `train` made") var model: LogisticModel
  @In("x", type: "tensor<f64>[n, d]", doc: "features, scaled like those of the training") var x: Tensor<Double>
  @Out("scores", type: "tensor<f64>[n]", doc: "probabilities") var scores: Tensor<Double>

  mutating func run(_ context: Context) throws {
    let weights = model.weights.elements
    let intercept = model.intercept
    guard x.shape.count == 2, x.shape[1] == weights.count else {
      throw TaskFailure(
        "the model has \(weights.count) weights, the features are \(x.shape)", code: "learn.shape", port: "x")
    }
    let rows = x.shape[0]
    var result: Tensor<Double> = try context.tensor([rows])
    x.read { x in
      result.change { result in
        for row in 0..<rows {
          var sum = intercept
          for column in weights.indices { sum += weights[column] * x[row * weights.count + column] }
          result[row] = sigmoid(sum)
        }
      }
    }
    scores = result
  }
}
