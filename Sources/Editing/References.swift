package import Diagnostics
internal import Syntax
internal import Tasks
internal import Workflows

extension Analysis {
  /// Where the things named at an offset are declared: a name in a document, a file, or a function in the source file of a
  /// task, whose text `read` gives (nil when it cannot be read).
  package func definitions(at offset: Int, read: (String) -> String?) -> [Place] {
    var result: [Place] = []
    for occurrence in occurrences(at: offset) {
      let place = declaration(of: occurrence.symbol) ?? source(of: occurrence.symbol, read)
      if let place, !result.contains(place) { result.append(place) }
    }
    return result
  }

  private func source(of symbol: Symbol, _ read: (String) -> String?) -> Place? {
    switch symbol {
    case .file(let path): return Place(path, Span(0, 0))
    case .task(let task), .parameter(let task, _), .result(let task, _):
      let task = index.tasks[task]
      let path = task.source.path
      guard task.source.kind == .python, let text = read(path) else { return nil }
      let name = task.signature.id.split(separator: ".").last.map(String.init) ?? ""
      return Place(path, PythonSource.function(name, in: text) ?? Span(0, 0))
    default: return nil
    }
  }

  /// All places of the documents read at which something of these identities is named, in text order by document.
  package func references(to identities: Set<SymbolIdentity>, includingDeclarations: Bool) -> [Place] {
    var known: [Symbol: Bool] = [:]
    var result: [Place] = []
    for (document, occurrences) in index.occurrences.enumerated() {
      let path = checked.trees[document].file.path
      for occurrence in occurrences where includingDeclarations || !occurrence.isDeclaration {
        let isMeant: Bool
        if let cached = known[occurrence.symbol] {
          isMeant = cached
        } else {
          isMeant = identities.contains(identity(of: occurrence.symbol))
          known[occurrence.symbol] = isMeant
        }
        let place = Place(path, occurrence.span)
        if isMeant, result.last != place { result.append(place) }
      }
    }
    return result
  }

  /// The places in the root document where what is at an offset is named, and which of them declare it.
  package func highlights(at offset: Int) -> [(span: Span, isDeclaration: Bool)] {
    let symbols = Set(occurrences(at: offset).map(\.symbol).filter { if case .field = $0 { false } else { true } })
    var result: [(span: Span, isDeclaration: Bool)] = []
    for occurrence in index.occurrences[0] where symbols.contains(occurrence.symbol) {
      if result.last?.span != occurrence.span { result.append((occurrence.span, occurrence.isDeclaration)) }
    }
    return result
  }
}

/// Looks for functions in Python text, without understanding it.
enum PythonSource {
  /// The name in `def name(`, at the beginning of a line. O(bytes).
  static func function(_ name: String, in text: String) -> Span? {
    let bytes = Array(text.utf8)
    var line = 0
    while line < bytes.count {
      let end = bytes[line...].firstIndex(of: 0x0A) ?? bytes.count
      for word in ["def ", "async def "] {
        let head = Array((word + name).utf8)
        guard bytes[line..<end].starts(with: head) else { continue }
        let after = line + head.count
        let follower = after < end ? bytes[after] : 0
        guard [0x28, 0x20, 0x09, 0x5B].contains(follower) else { continue }
        return Span(line + word.utf8.count, after)
      }
      line = end + 1
    }
    return nil
  }
}
