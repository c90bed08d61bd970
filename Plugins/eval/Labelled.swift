import AssayKit

/// Scores with the labels they should have, checked: same length, finite scores, labels 0 or 1.
struct Labelled {
  let scores: [Double]
  let labels: [Bool]

  init(_ scores: Tensor<Double>, _ labels: Tensor<Double>) throws {
    guard scores.shape.count == 1, scores.shape == labels.shape else {
      throw TaskFailure(
        "the scores are \(scores.shape), the labels \(labels.shape)", code: "eval.shape", port: "labels")
    }
    guard scores.count > 0 else { throw TaskFailure("there are no scores", code: "eval.empty", port: "scores") }
    guard labels.elements.allSatisfy({ $0 == 0 || $0 == 1 }) else {
      throw TaskFailure("a label is neither 0 nor 1", code: "eval.labels", port: "labels")
    }
    guard scores.elements.allSatisfy(\.isFinite) else {
      throw TaskFailure("a score is not a finite number", code: "eval.scores", port: "scores")
    }
    self.scores = scores.elements
    self.labels = labels.elements.map { $0 == 1 }
  }

  var positives: Int { labels.count { $0 } }

  /// For measures that compare the classes.
  func requireBothClasses() throws {
    guard positives > 0, positives < labels.count else {
      throw TaskFailure("only one class occurs in the labels", code: "eval.one_class", port: "labels")
    }
  }

  /// For measures of probabilities.
  func requireProbabilities() throws {
    guard scores.allSatisfy({ $0 >= 0 && $0 <= 1 }) else {
      throw TaskFailure("a score is not within 0 and 1", code: "eval.scores", port: "scores")
    }
  }
}
