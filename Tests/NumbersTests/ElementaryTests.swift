import Numbers
import Testing

/// Against values computed with 60 digits (mpmath).
@Suite struct ElementaryFunctions {
  /// How many floating-point numbers lie between two.
  static func distance(_ a: Double, _ b: Double) -> Double {
    a == b ? 0 : (a - b).magnitude / b.magnitude.ulp
  }

  @Test(arguments: [
    (0.0, 1.0), (1.0, 2.718281828459045), (-1.0, 0.36787944117144233), (0.5, 1.6487212707001282),
    (1e-10, 1.0000000001), (-0.3, 0.7408182206817179), (10.5, 36315.502674246636), (-20.25, 1.6052280551856116e-09),
    (88.7, 3.325986980250579e+38), (-100.1, 3.3660639410403144e-44), (300.3, 2.6220013776845454e+130),
    (700.0, 1.0142320547350045e+304), (709.7, 1.6549840276802644e+308), (-700.0, 9.85967654375977e-305),
    (-708.5, 2.006132305331306e-308), (3.141592653589793, 23.140692632779267),
    (0.34657359027997264, 1.414213562373095),
  ])
  func exp(_ x: Double, _ expected: Double) { #expect(Self.distance(Elementary.exp(x), expected) <= 1) }

  @Test(arguments: [
    (1.0, 0.0), (2.0, 0.6931471805599453), (10.0, 2.302585092994046), (0.1, -2.3025850929940455),
    (1e-300, -690.7755278982137), (0x1p-1074, -744.4400719213812), (1.7976931348623157e+308, 709.782712893384),
    (0.9999999, -1.0000000494736474e-07), (1.0000001, 9.999999505838704e-08), (1.4142135623730951, 0.3465735902799727),
    (1.5, 0.4054651081081644), (3e5, 12.611537753638338), (0.5, -0.6931471805599453),
    (0.7071067811865476, -0.3465735902799726), (123456.789, 11.723646487185881),
  ])
  func log(_ x: Double, _ expected: Double) { #expect(Self.distance(Elementary.log(x), expected) <= 1) }

  @Test(arguments: [
    (0.0, 1.0), (0.1, 0.887537083981715), (0.46875, 0.507386526782062), (0.5, 0.4795001221869535),
    (1.0, 0.15729920705028513), (2.0, 0.004677734981047266), (3.9, 3.4792248597231765e-08),
    (4.0, 1.541725790028002e-08), (4.1, 6.700027654084918e-09), (6.0, 2.1519736712498913e-17),
    (10.0, 2.088487583762545e-45), (20.0, 5.395865611607901e-176), (26.0, 5.663192408856143e-296),
    (-0.2, 1.2227025892104784), (-0.5, 1.5204998778130465), (-1.5, 1.9661051464753108), (-3.0, 1.9999779095030015),
    (-6.0, 2.0),
  ])
  func complementaryError(_ x: Double, _ expected: Double) {
    // e^(−x²) multiplies the rounding of x² by x².
    #expect(Self.distance(Elementary.complementaryError(x), expected) <= 4 + x * x)
  }

  @Test(arguments: [
    (0.0, 0.5), (1.0, 0.8413447460685429), (-1.0, 0.15865525393145705), (1.96, 0.9750021048517795),
    (-1.96, 0.024997895148220435), (-5.0, 2.866515718791939e-07), (-10.0, 7.619853024160525e-24),
    (-30.0, 4.906713927148187e-198), (3.0, 0.9986501019683699), (6.0, 0.9999999990134123), (0.001, 0.500398942213911),
  ])
  func normalDistribution(_ x: Double, _ expected: Double) {
    #expect(Self.distance(Elementary.normal(below: x), expected) <= 4 + x * x)
  }

  @Test(arguments: [
    (0.5, 0.0), (0.975, 1.9599639845400538), (0.025, -1.9599639845400543), (0.1, -1.2815515655446004),
    (0.9, 1.2815515655446006), (0.001, -3.0902323061678136), (1e-06, -4.753424308822899), (1e-10, -6.361340902404057),
    (1e-50, -14.933337534788489), (1e-300, -37.0470962993612), (0.075, -1.439531470938456), (0.925, 1.4395314709384561),
    (0.9999999, 5.199337582290661), (0.6, 0.2533471031357997),
  ])
  func normalQuantile(_ p: Double, _ expected: Double) {
    #expect(Self.distance(Elementary.normalQuantile(p), expected) <= 8)
  }

  @Test func theEnds() {
    #expect(Elementary.exp(710) == .infinity)
    #expect(Elementary.exp(-746) == 0)
    #expect(Elementary.exp(-.infinity) == 0)
    #expect(Elementary.exp(.infinity) == .infinity)
    #expect(Elementary.exp(.nan).isNaN)
    #expect(Elementary.log(0) == -.infinity)
    #expect(Elementary.log(.infinity) == .infinity)
    #expect(Elementary.log(-1).isNaN)
    #expect(Elementary.log(.nan).isNaN)
    #expect(Elementary.complementaryError(27) == 0)
    #expect(Elementary.complementaryError(-27) == 2)
    #expect(Elementary.normalQuantile(0) == -.infinity)
    #expect(Elementary.normalQuantile(1) == .infinity)
  }

  @Test func inversesMeet() {
    var draws = Draws(seed: 1, trial: 0)
    for _ in 0..<2000 {
      let x = draws.unit() * 1400 - 700
      #expect((Elementary.log(Elementary.exp(x)) - x).magnitude <= 1e-13 + x.magnitude * 4e-16)
      let p = draws.unit()
      #expect((Elementary.normal(below: Elementary.normalQuantile(p)) - p).magnitude <= 1e-15)
    }
  }

  /// Where one approximation ends and the next begins.
  @Test(arguments: [0.46875, 4, -0.46875, -4]) func noStepBetweenPieces(_ x: Double) {
    let (below, above) = (Elementary.complementaryError(x.nextDown), Elementary.complementaryError(x.nextUp))
    #expect((below - above).magnitude <= below * 4e-14)
  }
}
