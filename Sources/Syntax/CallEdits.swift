package import Diagnostics

/// Edits of the arguments of one call. Comments between arguments are never touched.
package enum CallEdits {
  /// Adds an argument at the end. Nil when the call is not closed.
  package static func add(_ name: String, _ value: String, to call: CallSyntax, in file: SourceFile) -> [TextEdit]? {
    guard call.close != nil else { return nil }
    guard let last = call.arguments.last else {
      // Behind the parenthesis, before any comment that may follow it.
      return [TextEdit(Span(call.open.end, call.open.end), "\(name): \(value)")]
    }
    // A comma that trails the last argument then trails the new one.
    let end = last.span.end
    return [TextEdit(Span(end, end), ", \(name): \(value)")]
  }

  /// Gives a parameter a value: replaces the old one, or adds it.
  package static func set(_ name: String, _ value: String, in call: CallSyntax, of file: SourceFile) -> [TextEdit]? {
    if let old = call.arguments.first(where: { $0.name?.text == name }) { return [TextEdit(old.value.span, value)] }
    return add(name, value, to: call, in: file)
  }

  /// Takes an argument out, with the comma that it no longer needs. Nil when there is none of that name.
  package static func remove(_ name: String, from call: CallSyntax, in file: SourceFile) -> [TextEdit]? {
    guard let index = call.arguments.firstIndex(where: { $0.name?.text == name }), let close = call.close else {
      return nil
    }
    let argument = call.arguments[index].span
    if index + 1 < call.arguments.count {
      let next = call.arguments[index + 1].span.start
      return cut(argument, through: comma(in: argument.end..<next, file), until: next, file)
    }
    guard index > 0 else {
      let trailing = comma(in: argument.end..<close.start, file)
      return trailing.map { cut(argument, through: $0, until: close.start, file) } ?? [TextEdit(argument, "")]
    }
    // The last one: the comma before it goes.
    let previous = call.arguments[index - 1].span.end
    guard let comma = comma(in: previous..<argument.start, file) else { return [TextEdit(argument, "")] }
    if isBlank(file, comma.end, argument.start) { return [TextEdit(Span(comma.start, argument.end), "")] }
    return [TextEdit(comma, ""), TextEdit(argument, "")]
  }

  private static func cut(_ argument: Span, through comma: Span?, until next: Int, _ file: SourceFile) -> [TextEdit] {
    guard let comma else { return [TextEdit(argument, "")] }
    if isBlank(file, argument.end, comma.start), isBlank(file, comma.end, next) {
      return [TextEdit(Span(argument.start, next), "")]
    }
    return [TextEdit(argument, ""), TextEdit(comma, "")]
  }

  private static func comma(in range: Range<Int>, _ file: SourceFile) -> Span? {
    Lexer.tokens(of: Array(file.bytes[range])).first { $0.kind == .comma }.map {
      Span(range.lowerBound + $0.start, range.lowerBound + $0.end)
    }
  }

  private static func isBlank(_ file: SourceFile, _ start: Int, _ end: Int) -> Bool {
    file.bytes[start..<end].allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
  }
}
