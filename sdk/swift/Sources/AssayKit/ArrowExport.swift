internal import CAssay
internal import CAssayLayouts

/// The rows of an outgoing table, handed out batch by batch.
private final class StreamState {
  let types: [ArrowType]
  let batches: [ArrowBatch]
  var next = 0
  init(types: [ArrowType], batches: [ArrowBatch]) {
    self.types = types
    self.batches = batches
  }
}

/// A table as an output; buffers are shared, not copied.
func encodeTable(types: [ArrowType], batches: [ArrowBatch]) -> Encoded {
  let stream = UnsafeMutablePointer<kit_arrow_stream>.allocate(capacity: 1)
  stream.initialize(to: kit_arrow_stream())
  stream.pointee.get_schema = streamSchema
  stream.pointee.get_next = streamNext
  stream.pointee.get_last_error = { _ in nil }
  stream.pointee.release = streamRelease
  stream.pointee.private_data = Unmanaged.passRetained(StreamState(types: types, batches: batches)).toOpaque()
  var value = assay_value()
  value.kind = ASSAY_TABLE
  value.data = UnsafeRawPointer(stream)
  value.release = releaseTableValue
  return Encoded(value)
}

private func state(_ stream: UnsafeMutablePointer<kit_arrow_stream>?) -> StreamState? {
  stream?.pointee.private_data.map { Unmanaged<StreamState>.fromOpaque($0).takeUnretainedValue() }
}

private func streamSchema(
  _ stream: UnsafeMutablePointer<kit_arrow_stream>?, _ out: UnsafeMutablePointer<kit_arrow_schema>?
) -> Int32 {
  guard let state = state(stream), let out else { return 22 }
  out.initialize(to: makeSchema(ArrowType(format: "+s", name: "", flags: 0, children: state.types)))
  return 0
}

private func streamNext(
  _ stream: UnsafeMutablePointer<kit_arrow_stream>?, _ out: UnsafeMutablePointer<kit_arrow_array>?
) -> Int32 {
  guard let state = state(stream), let out else { return 22 }
  guard state.next < state.batches.count else {
    out.initialize(to: kit_arrow_array())
    return 0
  }
  let batch = state.batches[state.next]
  state.next += 1
  out.initialize(
    to: makeArray(
      ArrowPiece(length: batch.rows, nullCount: 0, buffers: [nil], children: batch.columns, owner: state)))
  return 0
}

private func streamRelease(_ stream: UnsafeMutablePointer<kit_arrow_stream>?) {
  guard let stream else { return }
  if let owner = stream.pointee.private_data { Unmanaged<StreamState>.fromOpaque(owner).release() }
  stream.pointee.private_data = nil
  stream.pointee.release = nil
}

private func releaseTableValue(_ value: UnsafeMutablePointer<assay_value>?) {
  guard let value, let data = value.pointee.data else { return }
  let stream = UnsafeMutableRawPointer(mutating: data).assumingMemoryBound(to: kit_arrow_stream.self)
  stream.pointee.release?(stream)
  stream.deallocate()
  value.pointee.data = nil
  value.pointee.release = nil
}

private func makeSchema(_ type: ArrowType) -> kit_arrow_schema {
  var schema = kit_arrow_schema()
  schema.format = cString(type.format)
  schema.name = cString(type.name)
  schema.flags = type.flags
  schema.n_children = Int64(type.children.count)
  schema.children = pointers(type.children.map(makeSchema))
  schema.dictionary = type.dictionary.first.map { onHeap(makeSchema($0)) }
  schema.release = releaseSchema
  return schema
}

private func releaseSchema(_ schema: UnsafeMutablePointer<kit_arrow_schema>?) {
  guard let schema else { return }
  schema.pointee.format?.deallocate()
  schema.pointee.name?.deallocate()
  for index in 0..<Int(schema.pointee.n_children) {
    guard let child = schema.pointee.children?[index] else { continue }
    child.pointee.release?(child)
    child.deallocate()
  }
  schema.pointee.children?.deallocate()
  if let dictionary = schema.pointee.dictionary {
    dictionary.pointee.release?(dictionary)
    dictionary.deallocate()
  }
  schema.pointee.release = nil
}

private func makeArray(_ piece: ArrowPiece) -> kit_arrow_array {
  var array = kit_arrow_array()
  array.length = Int64(piece.length)
  array.null_count = Int64(piece.nullCount)
  array.offset = Int64(piece.offset)
  array.n_buffers = Int64(piece.buffers.count)
  let buffers = UnsafeMutablePointer<UnsafeRawPointer?>.allocate(capacity: max(piece.buffers.count, 1))
  buffers.initialize(from: piece.buffers, count: piece.buffers.count)
  array.buffers = buffers
  array.n_children = Int64(piece.children.count)
  array.children = pointers(piece.children.map(makeArray))
  array.dictionary = piece.dictionary.map { onHeap(makeArray($0)) }
  array.private_data = Unmanaged.passRetained(piece).toOpaque()
  array.release = releaseArray
  return array
}

private func releaseArray(_ array: UnsafeMutablePointer<kit_arrow_array>?) {
  guard let array else { return }
  for index in 0..<Int(array.pointee.n_children) {
    guard let child = array.pointee.children?[index] else { continue }
    child.pointee.release?(child)
    child.deallocate()
  }
  array.pointee.children?.deallocate()
  if let dictionary = array.pointee.dictionary {
    dictionary.pointee.release?(dictionary)
    dictionary.deallocate()
  }
  array.pointee.buffers?.deallocate()
  if let owner = array.pointee.private_data { Unmanaged<ArrowPiece>.fromOpaque(owner).release() }
  array.pointee.release = nil
}

private func onHeap<T>(_ value: T) -> UnsafeMutablePointer<T> {
  let pointer = UnsafeMutablePointer<T>.allocate(capacity: 1)
  pointer.initialize(to: value)
  return pointer
}

private func pointers<T>(_ values: [T]) -> UnsafeMutablePointer<UnsafeMutablePointer<T>?>? {
  guard !values.isEmpty else { return nil }
  let list = UnsafeMutablePointer<UnsafeMutablePointer<T>?>.allocate(capacity: values.count)
  for (index, value) in values.enumerated() { (list + index).initialize(to: onHeap(value)) }
  return list
}
