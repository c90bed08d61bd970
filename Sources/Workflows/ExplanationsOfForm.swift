extension Explanations {
  /// Form: E00….
  static let ofForm: [Explanation] = [
    Explanation(
      "E0001", "text without closing quote",
      """
      Text stands between double quotes and ends on the line on which it began. A line break inside is
      written `\\n`, a quote `\\"`.
      """,
      wrong: "step note = notify.file(text: \"done)",
      right: "step note = notify.file(text: \"done\")"),
    Explanation(
      "E0002", "not what was expected here",
      """
      The text does not follow the grammar at this place. The message says what could stand there.
      After such a mistake reading goes on at the next declaration, so other messages are still right.
      """,
      wrong: "step clean t.dedup(table: raw.table)",
      right: "step clean = t.dedup(table: raw.table)"),
    Explanation(
      "E0003", "nested too deeply",
      """
      Brackets, operators and calls nest at most 200 levels deep. Whoever gets there has a generated
      text: take parts out into steps.
      """,
      wrong: "out n: int = " + String(repeating: "(", count: 201) + "1" + String(repeating: ")", count: 201),
      right: "out n: int = 1"),
    Explanation(
      "E0004", "a literal that means nothing",
      """
      Numbers fit in 64 bits. Durations are numbers with `ms`, `s`, `m`, `h` or `d`, sizes with `B`,
      `KiB`, `MiB`, `GiB` or `TiB`. Escapes in text are \\n \\t \\r \\0 \\\" \\\\ and \\u{1F600}. As a
      value a duration is its number of seconds (or the unit that the parameter declares), a size its
      number of bytes.
      """,
      wrong: "step wait = t.sleep(wait: 5minutes)",
      right: "step wait = t.sleep(wait: 5m)"),
    Explanation(
      "E0005", "the language edition is missing",
      """
      A document begins with `assay 1`. Later engines can then read it with the rules under which it
      was written.
      """,
      wrong: """
        assay
        workflow w {
        }
        """,
      right: """
        assay 1
        workflow w {
        }
        """),
    Explanation(
      "E0006", "unknown language edition",
      """
      The document asks for rules that this engine does not know.
      """,
      wrong: """
        assay 9
        workflow w {
        }
        """,
      right: """
        assay 1
        workflow w {
        }
        """),
  ]
}
