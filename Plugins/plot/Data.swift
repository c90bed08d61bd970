import AssayKit
import Charts

/// A curve with a name: its points are the first two columns that a chart asks for.
struct Curve: AssayRecord {
  @Field("name") var name: String
  @Field("points") var points: Table
}

extension Table {
  /// A column of numbers; a missing one is NaN.
  func numbers(_ name: String, _ port: String) throws -> [Double] {
    do { return try self[name].values(Double.self).map { $0 ?? .nan } } catch let failure as TaskFailure {
      throw TaskFailure(failure.message, code: failure.code, port: port, kind: .input)
    }
  }

  /// A column of anything as words; a missing one is `–`.
  func words(_ name: String, _ port: String) throws -> [String] {
    let column = try self[name]
    switch column.typeName {
    case "string": return try column.values(String.self).map { $0 ?? "–" }
    case "int": return try column.values(Int.self).map { $0.map(String.init) ?? "–" }
    case "bool": return try column.values(Bool.self).map { $0.map(String.init) ?? "–" }
    default: return try numbers(name, port).map { $0.isNaN ? "–" : short($0) }
    }
  }
}

/// More marks than these make a picture that no program opens.
let maximumMarks = 200_000

func requireMarks(_ count: Int, _ port: String) throws {
  guard count > 0 else { throw TaskFailure("there is nothing to draw", code: "plot.empty", port: port, kind: .input) }
  guard count <= maximumMarks else {
    throw TaskFailure(
      "\(count) marks are too many for a picture: at most \(maximumMarks)", code: "plot.large", port: port, kind: .input
    )
  }
}

func file(_ svg: String, _ name: String) -> File { File(text: svg, name: name) }
