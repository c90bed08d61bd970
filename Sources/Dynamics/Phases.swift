/// The phases of a project in the order of a first pass: to go back is to go to an earlier one.
package struct Phases: Sendable, Equatable {
  package let names: [String]
  /// Other words for phases, as tasks and older records have them.
  private let aliases: [String: String]
  private let places: [String: Int]

  /// - Parameter names: each once; of one given twice the first place counts.
  package init(_ names: [String], aliases: [String: String] = [:]) {
    self.names = names
    self.aliases = aliases
    places = Dictionary(names.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
  }

  package var count: Int { names.count }

  /// Nil: no phase of this list.
  package func place(_ name: String) -> Int? { places[name] ?? aliases[name].flatMap { places[$0] } }

  package func name(_ place: Int) -> String { names.indices.contains(place) ? names[place] : "?" }

  /// Of one that a person reads: `data preparation`.
  package func title(_ place: Int) -> String { String(name(place).map { $0 == "_" ? " " : $0 }) }
}
