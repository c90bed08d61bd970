import Comparisons
import Testing
import Values

private func tensor(_ numbers: [Double], _ shape: [Int]) -> Value {
  .tensor(Tensor(element: .f64, shape: shape, data: Payload(numbers.withUnsafeBytes { Array($0) })))
}

private func table(_ text: String) throws -> Value {
  .table(try Table(rows: try JSON.parse(text).asArray ?? [], columns: nil))
}

private func bytes(_ text: String) -> Payload { Payload(Array(text.utf8)) }

@Suite struct ArtifactComparisonTests {
  @Test func tensorsAreComparedInNumbers() throws {
    let a = tensor([1, 2, 3, 4, .nan, 6], [2, 3])
    #expect(ArtifactComparison(a, a) == .same)
    guard case .tensor(let found) = ArtifactComparison(a, tensor([1, 2.5, 3, 104, 5, 6], [2, 3])) else {
      Issue.record("no tensors")
      return
    }
    #expect(found.differing == 3 && found.elements == 6 && found.incomparable == 1)
    #expect(found.first?.index == [0, 1])
    #expect(found.largest?.difference == 100 && found.largest?.index == [1, 0])
    #expect(found.largestRelative?.difference == 100.0 / 104 && found.largestRelative?.index == [1, 0])
    guard case .tensor(let shapes) = ArtifactComparison(a, tensor([1], [1])) else { return }
    #expect(!shapes.isComparable)
  }

  @Test func tensorsOfOtherElementTypesAreComparedAsNumbers() {
    let floats = [Float(1), 2].withUnsafeBytes { Array($0) }
    let a = Value.tensor(Tensor(element: .f32, shape: [2], data: Payload(floats)))
    guard case .tensor(let found) = ArtifactComparison(a, tensor([1, 2], [2])) else {
      Issue.record("the types differ")
      return
    }
    #expect(found.differing == 0 && found.before == "tensor<f32>[2]" && found.after == "tensor<f64>[2]")
  }

  @Test func tablesAreComparedByColumnsAndRows() throws {
    let a = try table(#"[{"id": 1, "x": "a"}, {"id": 2, "x": "b"}, {"id": 2, "x": "b"}]"#)
    #expect(ArtifactComparison(a, a) == .same)
    guard case .table(let rows) = ArtifactComparison(a, try table(#"[{"id": 2, "x": "b"}, {"id": 3, "x": "c"}]"#))
    else { return }
    #expect(rows.onlyBeforeCount == 2 && rows.onlyAfterCount == 1)
    #expect(rows.onlyAfter == [["id": 3, "x": "c"]])
    guard
      case .table(let cells) = ArtifactComparison(
        a, try table(#"[{"id": 1, "x": "a"}, {"id": 2, "x": "B"}, {"id": 2, "x": "b"}]"#))
    else { return }
    #expect(cells.cells == [.init(row: 1, column: "x", before: "b", after: "B")])
    guard
      case .table(let order) = ArtifactComparison(
        a, try table(#"[{"id": 2, "x": "b"}, {"id": 1, "x": "a"}, {"id": 2, "x": "b"}]"#))
    else { return }
    #expect(order.isReordered && order.cellCount == 0)
    guard case .table(let columns) = ArtifactComparison(a, try table(#"[{"id": 1.5, "y": true}]"#)) else { return }
    #expect(columns.columns.map(\.name) == ["id", "x", "y"])
    #expect(columns.columns[1].after == nil && columns.columns[2].before == nil)
  }

  @Test func jsonIsComparedByPath() throws {
    guard
      case .json(let places, 0) = ArtifactComparison(
        bytes: bytes(#"{"a": {"b": [1, 2, 3]}, "c": 1}"#), bytes(#"{"a": {"b": [1, 5]}, "d": null}"#))
    else {
      Issue.record("no JSON")
      return
    }
    #expect(places.map(\.path) == ["a.b[1]", "a.b[2]", "c", "d"])
    #expect(places.map { $0.before } == [2, 3, 1, nil])
    #expect(places.map { $0.after } == [5, nil, nil, .null])
  }

  @Test func manyPlacesAreCounted() {
    let zeros = JSON.array(Array(repeating: 0, count: 500))
    let ones = JSON.array(Array(repeating: 1, count: 500))
    guard case .json(let places, let more) = ArtifactComparison(zeros, ones) else { return }
    #expect(places.count == ArtifactComparison.kept && more == 500 - places.count)
  }

  @Test func filesAreWhatTheyLookLike() throws {
    #expect(ArtifactComparison(bytes: bytes("a\nb\n"), bytes("a\nc\n")) == .text(before: "a\nb\n", after: "a\nc\n"))
    #expect(ArtifactComparison(bytes: bytes("12"), bytes("13")) == .text(before: "12", after: "13"))
    #expect(
      ArtifactComparison(bytes: Payload([0, 1, 2]), Payload([0, 1, 3, 4])) == .bytes(before: 3, after: 4, offset: 2))
    #expect(ArtifactComparison(bytes: bytes(""), bytes("")) == .same)
    guard case .tensor(let one) = tensor([1, 2], [2]) else { return }
    let file = NumpyFile.header(of: one) + one.data.copied
    var other = file
    other[other.count - 1] ^= 1
    guard case .tensor(let found) = ArtifactComparison(bytes: Payload(file), Payload(other)) else {
      Issue.record("no tensors")
      return
    }
    #expect(found.differing == 1)
  }

  @Test func valuesOfDifferentKindsAreSaidToBe() {
    #expect(ArtifactComparison(tensor([1], [1]), Value.int(1)) == .kinds(before: "tensor<f64>[1]", after: "int"))
    #expect(
      ArtifactComparison(Value.int(1), Value.float(2)) == .json([.init(path: "", before: 1, after: 2.0)], more: 0))
  }
}
