internal import Numbers

/// Fisher's exact test: how often at least as many of the hits would fall inside a region, if they fell anywhere.
package func fisherExact(hits: Int, inside: Int, allHits: Int, all: Int) -> Double {
  let denominator = logChoose(all, inside)
  var sum = 0.0
  for k in hits...max(hits, min(inside, allHits)) where inside - k <= all - allHits {
    sum += Elementary.exp(logChoose(allHits, k) + logChoose(all - allHits, inside - k) - denominator)
  }
  return min(1, sum)
}
