internal import Diagnostics
internal import Values

/// A JSON value and where it stands.
struct Place {
  let json: JSON
  let path: String

  init(_ json: JSON, _ path: String) {
    self.json = json
    self.path = path
  }

  func problem(_ message: String) -> ImportProblem { ImportProblem(path, message) }

  func object(_ known: [String]) throws(ImportProblem) -> PlaceObject {
    guard case .object(let members) = json else { throw problem("expected an object, found \(json.kindName)") }
    for (index, member) in members.enumerated() {
      guard known.contains(member.name) else {
        let names = known.map { "`\($0)`" }.joined(separator: ", ")
        throw problem("unknown member `\(member.name)`; known are \(names)")
      }
      // JSON texts cannot hold a name twice; JSON made by a program could.
      if members[..<index].contains(where: { $0.name == member.name }) {
        throw problem("`\(member.name)` is given twice")
      }
    }
    return PlaceObject(place: self)
  }

  /// Any names, each once.
  func members() throws(ImportProblem) -> [(String, Place)] {
    guard case .object(let members) = json else { throw problem("expected an object, found \(json.kindName)") }
    var seen = Set<String>()
    for member in members where !seen.insert(member.name).inserted { throw problem("`\(member.name)` is given twice") }
    return members.map { ($0.name, Place($0.value, "\(path).\($0.name)")) }
  }

  func list<T>(_ item: (Place) throws(ImportProblem) -> T) throws(ImportProblem) -> [T] {
    guard case .array(let items) = json else { throw problem("expected an array, found \(json.kindName)") }
    var result: [T] = []
    for (index, value) in items.enumerated() { result.append(try item(Place(value, "\(path)[\(index)]"))) }
    return result
  }

  func string() throws(ImportProblem) -> String {
    guard case .string(let text) = json else { throw problem("expected a string, found \(json.kindName)") }
    return text
  }

  func name() throws(ImportProblem) -> String {
    let text = try string()
    guard Self.isName(text) else { throw problem("`\(text)` is not a name: letters, digits and `_`") }
    return text
  }

  /// Names joined by dots.
  func dotted() throws(ImportProblem) -> [String] {
    let text = try string()
    let names = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard names.allSatisfy(Self.isName) else { throw problem("`\(text)` is not a name") }
    return names
  }

  func literal(_ what: String, _ isPart: (Character) -> Bool) throws(ImportProblem) -> String {
    let text = try string()
    guard text.first?.isNumber == true, text.allSatisfy(isPart) else { throw problem("expected \(what)") }
    return text
  }

  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return text.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F
    }
  }
}

/// An object whose members are all known.
struct PlaceObject {
  let place: Place

  subscript(name: String) -> Place? { place.json[name].map { Place($0, "\(place.path).\(name)") } }

  func required(_ name: String) throws(ImportProblem) -> Place {
    guard let value = self[name] else { throw place.problem("`\(name)` is missing") }
    return value
  }

  /// Empty where it is missing.
  func list<T>(_ name: String, _ item: (Place) throws(ImportProblem) -> T) throws(ImportProblem) -> [T] {
    guard let value = self[name] else { return [] }
    return try value.list(item)
  }

  func doc() throws(ImportProblem) -> String {
    guard let value = self["doc"] else { return "" }
    return try value.string()
  }
}
