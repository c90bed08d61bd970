extension ValueType {
  package func coerced(_ v: Value) -> Value { v }
  package func check(_ v: Value) -> String? { nil }
  package var isOptional: Bool { if case .optional = self { true } else { false } }
}
package struct JSON { package static func parse(_ t: String) throws -> JSON { JSON() } }
extension Value { package init(json: JSON, type: ValueType) throws { self = .null } }
extension Value { package func contentDigest() -> Digest? { Hasher256.digest(Array("\(self)".utf8)) } }
