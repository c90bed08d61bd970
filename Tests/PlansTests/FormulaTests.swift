import Plans
import Testing
import Values
import Workflows

private struct Empty: FormulaContext {
  var bindings: [Value] = []
  func local(_ index: Int) throws(EvaluationError) -> Value { throw EvaluationError("no locals") }
  func output(step: Int, port: Int) throws(EvaluationError) -> Value { throw EvaluationError("no steps") }
  func ran(step: Int) -> Bool { false }
  func binding(_ index: Int) throws(EvaluationError) -> Value { bindings[index] }
}

private func evaluate(_ formula: Formula) throws -> Value { try formula.evaluate(in: Empty()) }
private func integer(_ symbol: BinaryOperator, _ a: Value, _ b: Value) throws -> Value {
  try evaluate(.binary(symbol, .constant(a), .constant(b), .integer))
}

@Test(arguments: [
  (BinaryOperator.add, 7, 5, 12), (.subtract, 7, 5, 2), (.multiply, 7, 5, 35), (.divide, 7, 5, 1),
  (.divide, -7, 2, -3),
])
func integersStayIntegers(symbol: BinaryOperator, a: Int64, b: Int64, expected: Int64) throws {
  #expect(try integer(symbol, .int(a), .int(b)) == .int(expected))
}

@Test(arguments: [
  (BinaryOperator.add, Int64.max, Int64(1)), (.subtract, .min, 1), (.multiply, .max, 2), (.divide, .min, -1),
  (.divide, 1, 0),
])
func overflowIsAnErrorNotATrap(symbol: BinaryOperator, a: Int64, b: Int64) {
  #expect(throws: EvaluationError.self) { try integer(symbol, .int(a), .int(b)) }
}

@Test func negatingTheSmallestIntegerIsAnError() {
  #expect(throws: EvaluationError.self) { try evaluate(.unary(.negate, .constant(.int(.min)))) }
}

@Test func mixedNumbersCompareByValue() throws {
  #expect(try integer(.equal, .int(1), .float(1)) == .bool(true))
  #expect(try integer(.less, .int(1), .float(1.5)) == .bool(true))
  #expect(try integer(.notEqual, .string("a"), .string("b")) == .bool(true))
  #expect(throws: EvaluationError.self) { try integer(.less, .string("a"), .int(1)) }
}

@Test func logicAndCoalesceDoNotEvaluateWhatTheyDoNotNeed() throws {
  let broken = Formula.local(0)
  #expect(try evaluate(.binary(.and, .constant(.bool(false)), broken, .floating)) == .bool(false))
  #expect(try evaluate(.binary(.or, .constant(.bool(true)), broken, .floating)) == .bool(true))
  #expect(try evaluate(.binary(.coalesce, .constant(.int(1)), broken, .floating)) == .int(1))
  #expect(try evaluate(.binary(.coalesce, .constant(.null), .constant(.int(2)), .floating)) == .int(2))
}

@Test func formattingPutsValuesIntoText() throws {
  let template = Formula.constant(.string("{} of {{}} is {}"))
  let text = try evaluate(.call(.fmt, [template, .constant(.string("a")), .constant(.float(0.5))], .floating))
  #expect(text == .string("a of {} is 0.5"))
}

@Test func reductionsKnowIntegersFromFloats() throws {
  let list = Formula.constant(.list([.int(1), .int(2), .int(6)]))
  #expect(try evaluate(.call(.sum, [list], .integer)) == .int(9))
  #expect(try evaluate(.call(.mean, [list], .floating)) == .float(3))
  #expect(try evaluate(.call(.max, [list], .integer)) == .int(6))
  #expect(throws: EvaluationError.self) { try evaluate(.call(.min, [.constant(.list([]))], .floating)) }
  #expect(throws: EvaluationError.self) {
    try evaluate(.call(.sum, [.constant(.list([.int(.max), .int(1)]))], .integer))
  }
}

@Test func zippingListsOfDifferentLengthsIsAnError() {
  let lists: [Formula] = [.constant(.list([.int(1)])), .constant(.list([]))]
  #expect(throws: EvaluationError.self) { try evaluate(.call(.zip, lists, .floating)) }
}

@Test func aFieldOfAListOfRecordsIsTheListOfTheFields() throws {
  let records = Value.list([.record([.init("a", .int(1))]), .record([.init("a", .int(2))])])
  #expect(try evaluate(.field(.constant(records), "a")) == .list([.int(1), .int(2)]))
}

@Test func rangesAreBounded() {
  #expect(throws: EvaluationError.self) {
    try evaluate(.call(.range, [.constant(.int(.min)), .constant(.int(.max))], .integer))
  }
  #expect(throws: EvaluationError.self) { try evaluate(.call(.range, [.constant(.int(-1))], .integer)) }
}
