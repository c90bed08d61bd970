import Values

/// Files with values in them: NumPy, Arrow, and the stored form of anything; the first byte says which.
@Sendable func fuzzFiles(_ bytes: [UInt8]) throws {
  guard let kind = bytes.first else { return }
  let content = Payload(Array(bytes.dropFirst()))
  switch kind % 3 {
  case 0:
    guard let tensor = try? NumpyFile.read(content) else { return }
    try stored(.tensor(tensor))
    _ = Value.tensor(tensor).json
  case 1:
    guard let table = try? ArrowFile.read(content) else { return }
    try stored(.table(table))
    _ = Value.table(table).json
    try promise((try? ArrowFile.chunks(of: table)) != nil, "a table that was read cannot be written")
  default:
    guard let value = try? WireDecoder.load(content.copied, artifact: { _ in nil }) else { return }
    _ = value.type.check(value)
    _ = value.json
    _ = value.description
  }
}
