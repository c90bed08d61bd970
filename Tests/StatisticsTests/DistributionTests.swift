import Testing

@testable import Statistics

/// Reference values: SciPy 1.17.1.
private func expectClose(
  _ value: Double, _ reference: Double, _ relative: Double = 1e-12, location: SourceLocation = #_sourceLocation
) {
  #expect((value - reference).magnitude <= relative * max(reference.magnitude, 1e-300), sourceLocation: location)
}

@Suite struct DistributionTests {
  /// `scipy.special.gammaln(x)`
  @Test(arguments: [
    (0.1, 2.252712651734206), (0.5, 0.5723649429247), (1.5, -0.12078223763524526), (3, 0.6931471805599453),
    (11.9, 17.25847745059552), (12, 17.502307845873887), (50, 144.56574394634487), (1e5, 1051287.7089736569),
  ])
  func gamma(x: Double, reference: Double) { expectClose(logGamma(x), reference) }

  /// `scipy.special.betainc(a, b, x)`
  @Test(arguments: [
    (0.5, 0.5, 0.3, 0.36901011956554536), (2, 3, 0.4, 0.5247999999999999), (10, 1, 0.9, 0.34867844010000004),
    (1, 30, 0.01, 0.2602996266117196), (200, 300, 0.42, 0.8196010664172663), (0.5, 20, 0.001, 0.15758381398363844),
  ])
  func incompleteBeta(a: Double, b: Double, x: Double, reference: Double) {
    expectClose(Beta(a: a, b: b).below(x), reference)
  }

  @Test func incompleteBetaOfLargeShapes() {
    // scipy.special.betainc(5000, 5000, 0.49), (1e5, 1e5, 0.499)
    expectClose(Beta(a: 5000, b: 5000).below(0.49), 0.02274203232457461, 1e-10)
    expectClose(Beta(a: 1e5, b: 1e5).below(0.499), 0.18554674455755774, 1e-9)
    #expect(Beta(a: 2, b: 3).below(0) == 0 && Beta(a: 2, b: 3).below(1) == 1)
  }

  /// `scipy.special.betaincinv(a, b, p)`
  @Test(arguments: [
    (0.5, 0.5, 0.3, 0.2061073738537634), (2, 3, 0.025, 0.06758598648854294), (3, 8, 0.975, 0.5560954623076415),
    (1, 30, 0.025, 0.0008435709266304788), (0.1, 5, 0.1, 1.3321008722540561e-11),
  ])
  func betaQuantile(a: Double, b: Double, p: Double, reference: Double) {
    expectClose(Beta(a: a, b: b).quantile(p), reference, 1e-11)
  }

  /// `scipy.stats.t.sf(t, v)`
  @Test(arguments: [
    (0, 3, 0.5), (1.5, 4, 0.104), (-2.2, 7, 0.9681344923486817), (12, 4, 0.0001382142742514865),
    (3.3, 0.8, 0.11739124475433743), (0.001, 100, 0.49960205388005174), (40, 30, 6.863022597203209e-28),
  ])
  func studentT(t: Double, freedom: Double, reference: Double) {
    expectClose(StudentT(freedom: freedom).above(t), reference)
  }

  /// `scipy.stats.t.ppf((1 + level) / 2, v)`
  @Test(arguments: [
    (0.95, 1, 12.706204736174694), (0.95, 4, 2.7764451051977934), (0.99, 9, 3.249835541592126),
    (0.5, 2.7, 0.7759862837452676), (0.9999, 4, 15.544100581546113), (0.95, 1000, 1.9623390808264083),
  ])
  func studentTQuantile(level: Double, freedom: Double, reference: Double) {
    expectClose(StudentT(freedom: freedom).central(level), reference, 1e-11)
  }

  /// `nct = scipy.stats.nct; nct.sf(t, v, shift) + nct.cdf(-t, v, shift)`
  @Test(arguments: [
    (2.7764, 4, 2, 0.33597510081609405),
    (2.262, 9, 0, 0.05001284550245463),
    (12.706, 1, 3, 0.1861349877293725),
    (2, 99, 5, 0.998534853810924),
    (2.2, 9, -1, 0.1573864567880456),
    (50, 1, 1, 0.01861228838687681),
  ])
  func noncentralT(t: Double, freedom: Double, shift: Double, reference: Double) {
    expectClose(NoncentralT(freedom: freedom, shift: shift).outside(t), reference, 1e-8)
  }

  @Test func sentencesGiveThreeDigits() {
    #expect(
      [0.0312345, 12345.6, 0, 5, 0.9996, -0.5, 1e-9].map(text) == ["0.0312", "12346", "0", "5", "1", "-0.5", "1e-09"])
    #expect(text(.infinity) == "infinity" && text(.nan) == "unknown")
  }
}
