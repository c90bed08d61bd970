internal import Numbers

/// ln Γ(x) for x > 0: Stirling's series (DLMF 5.11.1) from 12 on, and below by Γ(x + 1) = x Γ(x). The error is about
/// 10⁻¹⁵, or 10⁻¹⁵ of the result where that is greater than 1.
func logGamma(_ x: Double) -> Double {
  var place = x
  var product = 1.0
  while place < 12 {
    product *= place
    place += 1
  }
  let z = 1 / (place * place)
  // B₂ₖ / (2k (2k - 1)), k = 1 to 7.
  let series =
    1.0 / 12
    - z * (1.0 / 360 - z * (1.0 / 1260 - z * (1.0 / 1680 - z * (1.0 / 1188 - z * (691.0 / 360_360 - z / 156)))))
  let stirling = (place - 0.5) * Elementary.log(place) - place + 0.9189385332046727 + series / place
  return stirling - Elementary.log(product)
}

/// ln of n over k, 0 ≤ k ≤ n.
func logChoose(_ n: Int, _ k: Int) -> Double {
  logGamma(Double(n) + 1) - logGamma(Double(k) + 1) - logGamma(Double(n - k) + 1)
}
