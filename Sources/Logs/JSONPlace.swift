internal import Values

/// A step from a JSON value to one inside of it.
enum JSONPlace {
  case member(String)
  case index(Int)

  var words: String {
    switch self {
    case .member(let name): ".\(name)"
    case .index(let number): "[\(number)]"
    }
  }

  /// Where the value at the end of a path stands: looked for again, since only mistakes want to know. What is not found is where
  /// the search began.
  static func find(
    _ path: [JSONPlace], in bytes: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> (offset: Int, length: Int) {
    var cursor = JSONCursor(bytes, at: start)
    do throws(JSONProblem) {
      for place in path { try enter(place, &cursor) }
      _ = try cursor.peek()
      let offset = cursor.offset
      _ = try cursor.value()
      // Of what is long its beginning is enough.
      return (offset, path.isEmpty ? 1 : min(cursor.offset - offset, 80))
    } catch {
      return (start, 1)
    }
  }

  private static func enter(_ place: JSONPlace, _ cursor: inout JSONCursor) throws(JSONProblem) {
    let kind = try cursor.peek()
    var isFirst = true
    switch place {
    case .member(let name):
      guard kind == .object else { throw JSONProblem("no object", at: cursor.offset) }
      try cursor.enter()
      while let next = try cursor.nextName(&isFirst) {
        if next.text == name { return }
        _ = try cursor.value()
      }
    case .index(let number):
      guard kind == .array else { throw JSONProblem("no list", at: cursor.offset) }
      try cursor.enter()
      for _ in 0..<number {
        guard try cursor.nextItem(&isFirst) else { break }
        _ = try cursor.value()
      }
      if try cursor.nextItem(&isFirst) { return }
    }
    throw JSONProblem("not there", at: cursor.offset)
  }
}
