extension Explanations {
  /// Warnings.
  static let ofWarnings: [Explanation] = [
    Explanation(
      "W0101", "unused step",
      """
      Nothing refers to an output of this step, and its task is pure: it would run for nothing. Steps
      whose tasks are not pure are never reported.
      """,
      wrong: "step clean = t.dedup(table: raw.table)",
      right: """
        step clean = t.dedup(table: raw.table)
        out all: table = clean.table
        """),
    Explanation(
      "W0102", "a seed that is not connected",
      """
      The workflow has an input `seed`, and a step calls something with a parameter `seed` without
      passing it on: another seed then changes only a part of the run.
      """,
      wrong: """
        in seed: int = 1
        step parts = t.split(table: raw.table, test: 0.2)
        """,
      right: """
        in seed: int = 1
        step parts = t.split(table: raw.table, test: 0.2, seed: seed)
        """),
    Explanation(
      "W0103", "`.ran` of a step that always runs",
      """
      Only steps with `when`, or with `on failure skip` or `continue`, may not have run.
      """,
      wrong: "step note = notify.file(text: \"x\") when raw.ran",
      right: """
        in many: bool
        step some = t.dedup(table: raw.table) when many
        step note = notify.file(text: "x") when some.ran
        """),
    Explanation(
      "W0104", "a fallback that is never used",
      """
      `a ?? b` gives `b` when `a` is missing. This `a` never is.
      """,
      wrong: """
        in n: int
        out m: int = n ?? 0
        """,
      right: """
        in n: int?
        out m: int = n ?? 0
        """),
  ]
}
