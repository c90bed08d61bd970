/// Why edits cannot be applied together.
package struct EditConflict: Error, Hashable, Sendable {
  package enum Reason: Hashable, Sendable {
    /// Two edits want to change the same bytes.
    case overlap
    /// The span is not inside the text, or cuts a character in two.
    case place
  }
  package var reason: Reason
  package var edit: TextEdit
}

/// The text with all edits made at once; their spans refer to the text as given, in any order.
///
/// Edits that touch without sharing a byte are fine; insertions at one place keep their order; the same edit given twice
/// (two fixes that agree) counts once. O(text + edits log edits).
package func apply(_ edits: [TextEdit], to text: String) throws(EditConflict) -> String {
  let bytes = Array(text.utf8)
  func isBoundary(_ offset: Int) -> Bool {
    offset == bytes.count || (0..<bytes.count).contains(offset) && bytes[offset] & 0xC0 != 0x80
  }
  var seen: Set<TextEdit> = []
  let unique = edits.filter { $0.span.isEmpty || seen.insert($0).inserted }
  let ordered = unique.enumerated().sorted { a, b in
    (a.element.span.start, a.element.span.end, a.offset) < (b.element.span.start, b.element.span.end, b.offset)
  }
  var result: [UInt8] = []
  var done = 0
  for (_, edit) in ordered {
    let span = edit.span
    guard span.start <= span.end, isBoundary(span.start), isBoundary(span.end) else {
      throw EditConflict(reason: .place, edit: edit)
    }
    guard span.start >= done else { throw EditConflict(reason: .overlap, edit: edit) }
    result.append(contentsOf: bytes[done..<span.start])
    result.append(contentsOf: edit.text.utf8)
    done = span.end
  }
  result.append(contentsOf: bytes[done...])
  return String(decoding: result, as: UTF8.self)
}

/// Applies the fixes in order, each as a whole or not at all: one that conflicts with an earlier one is left for the next
/// round. Returns the new text and the fixes that were applied.
package func apply(_ fixes: [Fix], to text: String) -> (text: String, applied: [Fix]) {
  var result = text
  var applied: [Fix] = []
  for fix in fixes {
    do throws(EditConflict) {
      result = try apply((applied + [fix]).flatMap(\.edits), to: text)
      applied.append(fix)
    } catch {
      continue  // Its place is taken: the next check finds it again.
    }
  }
  return (result, applied)
}
