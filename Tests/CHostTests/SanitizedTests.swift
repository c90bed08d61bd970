import Processes
import Testing

/// The host under gcc's sanitizers, fed with thousands of damaged invocations.
@Suite struct SanitizedTests {
  @Test func damagedInvocationsTouchNothingElse() throws {
    let place = try Fixture.temporaryDirectory()
    let root = Fixture.package
    let script = """
      flags='-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -D_GNU_SOURCE -std=gnu11'
      flags="$flags -Wall -Wextra -Werror -I\(root)/Sources/CHost/include -I\(root)/sdk/c/include"
      gcc $flags \(root)/Tests/Fixtures/sanitized/damage.c \(root)/Sources/CHost/*.c -o damage -lpthread -ldl &&
      gcc $flags -shared -fPIC \(root)/Tests/Fixtures/plugins/good.c -o good.so -lpthread &&
      ./damage ./good.so 100000
      """
    var said: [String] = []
    let result = try Command(["sh", "-c", script], directory: place).run { said.append($0) }
    #expect(result.succeeded, "\(said.suffix(40))")
    #expect(said.last?.hasPrefix("100000 rounds") == true)
  }

  /// The example of the kit compiles as its readers will do it.
  @Test func theExampleCompiles() throws {
    let place = try Fixture.temporaryDirectory()
    var said: [String] = []
    let result = try Command([
      "cc", "-O2", "-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-I\(Fixture.package)/sdk/c/include",
      "-o", "\(place)/libsmooth.so", "\(Fixture.package)/sdk/c/example/smooth.c",
    ]).run { said.append($0) }
    #expect(result.succeeded, "\(said)")
  }
}
