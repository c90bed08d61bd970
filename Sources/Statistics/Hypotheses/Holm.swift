/// What remains of p values when as many comparisons were made: below α, together they are wrong with a chance of at
/// most α.
///
/// S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).
package func holm(_ ps: [Double]) -> [Double] {
  var adjusted = ps
  var largest = 0.0
  for (place, index) in ps.indices.sorted(by: { ps[$0] < ps[$1] }).enumerated() {
    largest = max(largest, min(1, ps[index] * Double(ps.count - place)))
    adjusted[index] = largest
  }
  return adjusted
}
