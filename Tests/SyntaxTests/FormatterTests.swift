import Diagnostics
import Syntax
import Testing

@Suite struct FormatterTests {
  private func formatted(_ text: String) throws -> String { try apply(Formatter.format(parse(text)), to: text) }

  private func words(_ text: String) -> [String] {
    let bytes = Array(text.utf8)
    return Lexer.tokens(of: bytes).map { String(decoding: bytes[$0.start..<$0.end], as: UTF8.self) }
  }

  @Test(arguments: Corpus.names)
  func layoutIsStableAndKeepsTokensAndComments(_ name: String) throws {
    let text = try Corpus.text(name)
    let once = try formatted(text)
    #expect(words(once) == words(text))
    #expect(comments(of: once) == comments(of: text))
    #expect(try formatted(once) == once)
    #expect(parse(once).diagnostics.isEmpty)
  }

  /// Documents of real tokens in wrong places: where they parse at all, layout changes no token and settles at once.
  @Test(arguments: Corpus.names)
  func mutatedDocumentsKeepTheirTokens(_ name: String) throws {
    let bytes = Array(try Corpus.text(name).utf8)
    let tokens = Lexer.tokens(of: bytes)
    var random = Generator(name.utf8.reduce(3) { $0 &* 31 &+ UInt64($1) })
    var formattedCount = 0
    for _ in 0..<100 {
      guard let from = tokens.randomElement(using: &random), let to = tokens.randomElement(using: &random) else {
        break
      }
      let spaces: [[UInt8]] = [[], [0x20], [0x0A]]
      let replacement = spaces.randomElement(using: &random) ?? []
      var mutated = bytes
      mutated.replaceSubrange(to.start..<to.end, with: Array(bytes[from.start..<from.end]) + replacement)
      let text = String(decoding: mutated, as: UTF8.self)
      let once = try formatted(text)
      #expect(words(once) == words(text))
      #expect(comments(of: once) == comments(of: text))
      #expect(try formatted(once) == once)
      #expect(parse(once).diagnostics.map(\.code) == parse(text).diagnostics.map(\.code))
      if once != text { formattedCount += 1 }
    }
    #expect(formattedCount > 0)
  }

  @Test func tokensNeverMerge() throws {
    let text = "assay 1\nworkflow w {\n  in a: int? ? = 1\n  in b: {x < = y > = 2} = {}\n}\n"
    #expect(words(try formatted(text)) == words(text))
  }

  @Test func layoutIsCanonical() throws {
    let text = try Corpus.text("odd-layout.assay")
    #expect(
      try formatted(text) == """
        assay 1
        use std.table as t  # trailing
        use std.notify

        ## Doc line one.
        ##   indented doc line.
        # a plain comment between
        ## Doc of `messy`.
        workflow messy {
          in a: table{id: int, name: string?}
          in b: {x: float(0..1), y: list<list<int>>} = {x: 0.5, y: [[1, 2], [3]]}
          in c: enum("low", "high") = "low"
          in d: tensor<f32>[n, 3]?
          in n: int(..10) = -3
          in xs: list<int> = [1, 2,
            # a comment inside a list
            3,]

          step one = t.fold(table: a,  # why this table
            k: n * 2 - 1,  # and this k
            rate: -b.x + (1 - 2) * 3 / 4.5e-1
          )
          step two = t.fold(table: a, k: 2, rate: 0.5) when not one.ok and size(xs) >= 3 or n <= 4
          step three = t.fold(table: a, k: x, rate: 0.1) foreach x in xs max 2 { retry 2 }
          step four = notify.file(text: "quote \\" slash \\\\ tab\\t unicode \\u{1F600} end") { timeout 5m }
          # before the outputs

          out rate: float = two.rate ?? 0.0  # last

          # at the end of the block
        }
        # at the end of the file

        """)
  }

  @Test func blocksAndContinuationsIndent() throws {
    let text =
      "assay 1\nworkflow w {\nstep a = t.f(x: {\ny: 1\n})\nforeach (m,f) in zip(x,y)\nwhen z {retry 2 on a.b,\nc.d\ntimeout 5m}\nstep v=vary(a:1){variant x=t.g( ) default x}}"
    #expect(
      try formatted(text) == """
        assay 1
        workflow w {
          step a = t.f(x: {
            y: 1
          })
            foreach (m, f) in zip(x, y)
            when z {
            retry 2 on a.b,
              c.d
            timeout 5m
          }
          step v = vary(a: 1) {
            variant x = t.g()
            default x
          }
        }

        """)
  }

  @Test func brokenDocumentsAndExperimentsAreLeftAlone() throws {
    let broken = "assay 1\nworkflow   w { in in in = (  }"
    #expect(Formatter.format(parse(broken)).isEmpty)
    let experiment = "assay 1\n\n\n  experiment   x {\n   a   b\n\n\n  c }"
    #expect(try formatted(experiment) == "assay 1\n\nexperiment x {\n   a   b\n\n\n  c }\n")
  }

  @Test(arguments: Corpus.names)
  func scrambledLayoutComesBack(_ name: String) throws {
    let text = try Corpus.text(name)
    let tree = parse(text)
    let expected = try formatted(text)
    var random = Generator(99)
    // Indentation and spaces change; line breaks, comments and what must not be split stay.
    var scrambled: [UInt8] = []
    var end = 0
    for token in tree.tokens {
      let gap = Array(tree.file.bytes[end..<token.start])
      if token.startsLine, token.role != .opaque, !gap.contains(UInt8(ascii: "#")), end > 0, token.kind != .end {
        scrambled += gap + Array(repeating: 0x20, count: Int.random(in: 0...5, using: &random))
      } else {
        scrambled += gap
      }
      scrambled += tree.file.bytes[token.start..<token.end]
      end = token.end
    }
    // The experiment keeps its inside, so only its outside is comparable when its first gap was changed.
    guard tree.experiments.isEmpty else { return }
    #expect(try formatted(String(decoding: scrambled, as: UTF8.self)) == expected)
  }
}
