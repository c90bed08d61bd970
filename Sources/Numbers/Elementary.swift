/// Elementary functions by arithmetic alone: the same bits on every machine and with every C library, so that a strategy
/// proposes the same everywhere. Within a few units in the last place.
package enum Elementary {
  /// eˣ. Argument reduction and the rational function of FreeBSD's `e_exp.c` (FDLIBM).
  package static func exp(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x > 709.782712893384 { return .infinity }
    if x < -745.1332191019411 { return 0 }
    let k = (x * 1.4426950408889634).rounded()
    let high = x - k * 6.93147180369123816490e-01
    let low = k * 1.90821492927058770002e-10
    let r = high - low
    let t = r * r
    let a = 1.66666666666666019037e-01
    let b = -2.77777777770155933842e-03
    let c = 6.61375632143793436117e-05
    let d = -1.65339022054652515390e-06
    let e = 4.13813679705723846039e-08
    let s = r - t * (a + t * (b + t * (c + t * (d + t * e))))
    return scaled(1 - (low - r * s / (2 - s) - high), by: Int(k))
  }

  /// y · 2ᵏ, also where 2ᵏ alone would be out of range.
  @inline(__always)
  private static func scaled(_ y: Double, by k: Int) -> Double {
    if k > -1021, k < 1023 { return y * Double(bitPattern: UInt64(bitPattern: Int64(k + 1023)) << 52) }
    let half = k / 2
    return y * Double(sign: .plus, exponent: half, significand: 1)
      * Double(sign: .plus, exponent: k - half, significand: 1)
  }

  /// The natural logarithm: −∞ of 0, NaN of negative numbers. FreeBSD's `e_log.c` (FDLIBM).
  package static func log(_ x: Double) -> Double {
    guard x > 0 else { return x == 0 ? -.infinity : .nan }
    guard x.isFinite else { return x }
    var exponent = Int(x.exponent)
    var significand = x.significand
    if significand > 1.4142135623730951 {
      significand /= 2
      exponent += 1
    }
    let f = significand - 1
    let s = f / (2 + f)
    let z = s * s
    let w = z * z
    let odd = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    let even =
      z
      * (6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
    let half = 0.5 * f * f
    let k = Double(exponent)
    return k * 6.93147180369123816490e-01
      - ((half - (s * (half + odd + even) + k * 1.90821492927058770002e-10)) - f)
  }

  /// Φ(x), the distribution function of the standard normal distribution.
  package static func normal(below x: Double) -> Double { 0.5 * complementaryError(-x * 0.7071067811865476) }

  /// erfc(x) = 2/√π ∫ₓ^∞ e^(−t²) dt. Rational approximations of W. J. Cody, "Rational Chebyshev approximations for the
  /// error function", Math. Comp. 23 (1969).
  package static func complementaryError(_ x: Double) -> Double {
    let y = x.magnitude
    if y <= 0.46875 { return 1 - x * nearZero(y * y) }
    if y > 26.5 { return x > 0 ? 0 : 2 }
    let tail = exp(-y * y) * (y <= 4 ? middle(y) : far(y))
    return x > 0 ? tail : 2 - tail
  }

  private static func nearZero(_ z: Double) -> Double {
    let numerator =
      (((1.85777706184603153e-1 * z + 3.16112374387056560e0) * z + 1.13864154151050156e2) * z
        + 3.77485237685302021e2) * z + 3.20937758913846947e3
    let denominator =
      (((z + 2.36012909523441209e1) * z + 2.44024637934444173e2) * z + 1.28261652607737228e3) * z
      + 2.84423683343917062e3
    return numerator / denominator
  }

  private static func middle(_ y: Double) -> Double {
    let power = y * y * y * y * y * y * y * y
    return (2.15311535474403846e-8 * power + polynomial(y, hill.0)) / (power + polynomial(y, hill.1))
  }

  private static func far(_ y: Double) -> Double {
    let z = 1 / (y * y)
    let numerator =
      ((((1.63153871373020978e-2 * z + 3.05326634961232344e-1) * z + 3.60344899949804439e-1) * z
        + 1.25781726111229246e-1) * z + 1.60837851487422766e-2) * z + 6.58749161529837803e-4
    let denominator =
      ((((z + 2.56852019228982242e0) * z + 1.87295284992346725e0) * z + 5.27905102951428412e-1) * z
        + 6.05183413124413191e-2) * z + 2.33520497626869185e-3
    return (0.5641895835477563 - z * numerator / denominator) / y
  }

  /// Φ⁻¹(p) for 0 < p < 1, with about 16 digits. M. J. Wichura, "Algorithm AS 241", Applied Statistics 37 (1988).
  package static func normalQuantile(_ p: Double) -> Double {
    let q = p - 0.5
    if q.magnitude <= 0.425 {
      let r = 0.180625 - q * q
      return q * ratio(r, center.0, center.1)
    }
    var r = q < 0 ? p : 1 - p
    guard r > 0 else { return q < 0 ? -.infinity : .infinity }
    r = (-log(r)).squareRoot()
    let x = r <= 5 ? ratio(r - 1.6, flank.0, flank.1) : ratio(r - 5, tail.0, tail.1)
    return q < 0 ? -x : x
  }

  private typealias Coefficients = InlineArray<8, Double>

  private static func ratio(_ r: Double, _ numerator: Coefficients, _ denominator: Coefficients) -> Double {
    polynomial(r, numerator) / polynomial(r, denominator)
  }

  /// The coefficient of x⁰ comes first.
  private static func polynomial(_ x: Double, _ coefficients: Coefficients) -> Double {
    var sum = 0.0
    for index in coefficients.indices.reversed() { sum = sum * x + coefficients[index] }
    return sum
  }

  private static let hill: (Coefficients, Coefficients) = (
    [
      1.23033935479799725e3, 2.05107837782607147e3, 1.71204761263407058e3, 8.81952221241769090e2,
      2.98635138197400131e2, 6.61191906371416295e1, 8.88314979438837594e0, 5.64188496988670089e-1,
    ],
    [
      1.23033935480374942e3, 3.43936767414372164e3, 4.36261909014324716e3, 3.29079923573345963e3,
      1.62138957456669019e3, 5.37181101862009858e2, 1.17693950891312499e2, 1.57449261107098347e1,
    ]
  )

  private static let center: (Coefficients, Coefficients) = (
    [
      3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
      4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
    ],
    [
      1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
      2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
    ]
  )

  private static let flank: (Coefficients, Coefficients) = (
    [
      1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
      1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
    ],
    [
      1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
      1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
    ]
  )

  private static let tail: (Coefficients, Coefficients) = (
    [
      6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
      2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
    ],
    [
      1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
      7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
    ]
  )
}
