extension Explanations {
  /// Types, circles, missing values: E02… to E04….
  static let ofTypes: [Explanation] = [
    Explanation(
      "E0201", "type mismatch",
      """
      A value goes where its type is accepted. `int` becomes `float` by itself; nothing else converts
      silently: `int(x)`, `float(x)` and `string(x)` do it visibly, `file(\"…\")` makes a file of a
      path.
      """,
      wrong: "step clean = t.dedup(table: 5)",
      right: "step clean = t.dedup(table: raw.table)"),
    Explanation(
      "E0202", "outside the allowed range",
      """
      The place declares which values it takes: `int(2..20)`, `float(0..1)`, `enum(\"a\", \"b\")`.
      Constants are checked here, everything else when it runs.
      """,
      wrong: "step folds = t.kfold(table: raw.table, k: 1)",
      right: "step folds = t.kfold(table: raw.table, k: 5)"),
    Explanation(
      "E0203", "a parameter is not given",
      """
      A parameter without default has to be given. The message lists what is in scope with the right
      type.
      """,
      wrong: "step clean = t.dedup()",
      right: "step clean = t.dedup(table: raw.table)"),
    Explanation(
      "E0204", "`foreach` walks over lists",
      """
      The part behind `in` is a list. With several names its items have as many parts, as those of
      `zip(a, b)`.
      """,
      wrong: "step wait = t.sleep(wait: x) foreach x in 5",
      right: "step wait = t.sleep(wait: x) foreach x in range(5)"),
    Explanation(
      "E0205", "no type",
      """
      Types are `bool`, `int`, `float`, `string`, `bytes`, `list<T>`, `{name: T}`, `enum(\"a\",
      \"b\")`, `tensor<f32>[n, 3]`, `table`, `table{a: int}`, `file`, `file<csv>`, `dir`, dotted names
      that plugins declare, ranges such as `int(2..20)`, and `T?` for what may be missing.
      """,
      wrong: "in rate: nubmer",
      right: "in rate: float"),
    Explanation(
      "E0206", "wrong arguments of a function",
      """
      The functions of expressions take their arguments by place. `fmt` has one `{}` in its text for
      each value.
      """,
      wrong: "out text: string = fmt(\"{} of {}\", 1)",
      right: "out text: string = fmt(\"{} of {}\", 1, 2)"),
    Explanation(
      "E0207", "an operator on values that it does not take",
      """
      `+ - * /` and comparisons take numbers (`+` also two texts or lists, comparisons two texts),
      `and`, `or` and `not` take `bool`, `==` two values of one type, lists hold values of one type.
      `/` gives a `float`.
      """,
      wrong: "out n: int = 1 + \"2\"",
      right: "out n: int = 1 + int(\"2\")"),
    Explanation(
      "E0208", "arguments of a step have names",
      """
      A step names the parameter of each argument, so that a call can be read without its declaration.
      """,
      wrong: "step clean = t.dedup(raw.table)",
      right: "step clean = t.dedup(table: raw.table)"),
    Explanation(
      "E0209", "defaults are constants",
      """
      The default of an input is known before anything runs: it cannot refer to other inputs or to
      steps.
      """,
      wrong: """
        in a: int = 1
        in b: int = a
        """,
      right: """
        in a: int = 1
        in b: int = 1
        """),
    Explanation(
      "E0301", "steps depend on each other in a circle",
      """
      Data flows forward: no step can need, even through others, what it makes itself. The order in
      the text does not matter. To repeat work use `foreach`, or a strategy in an experiment.
      """,
      wrong: """
        step a = t.dedup(table: b.table)
        step b = t.dedup(table: a.table)
        """,
      right: """
        step a = t.dedup(table: raw.table)
        step b = t.dedup(table: a.table)
        """),
    Explanation(
      "E0302", "workflows call each other in a circle",
      """
      A workflow is unfolded where it is called. One that calls itself, even through others, would
      never end.
      """,
      wrong: """
        assay 1
        workflow a {
          step again = a()
        }
        """,
      right: """
        assay 1
        workflow a {
        }
        workflow b {
          step once = a()
        }
        """),
    Explanation(
      "E0303", "files use each other in a circle",
      """
      A file cannot use, even through others, a file that uses it. Move what both need into a third
      file.
      """,
      wrong: """
        assay 1
        use "./self.assay"
        """,
      right: """
        assay 1
        use "./prepare.assay"
        """),
    Explanation(
      "E0401", "possibly missing value",
      """
      A step with `when` may be skipped (and one with `on failure skip` or `continue` may fail): its
      outputs are `T?`. Where a `T` is needed give a fallback with `??`, or skip the step too with
      `when step.ran`.
      """,
      wrong: """
        in many: bool
        step clean = t.dedup(table: raw.table) when many
        out all: table = clean.table
        """,
      right: """
        in many: bool
        step clean = t.dedup(table: raw.table) when many
        out all: table = clean.table ?? raw.table
        """),
  ]
}
