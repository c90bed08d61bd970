extension Explanations {
  /// Names: E01….
  static let ofNames: [Explanation] = [
    Explanation(
      "E0101", "unknown output",
      """
      A reference `step.output` names an output that the step's task or workflow declares. `assay task
      show` lists them.
      """,
      wrong: "out all: table = raw.tabel",
      right: "out all: table = raw.table"),
    Explanation(
      "E0102", "a step is not a value",
      """
      A step has outputs; an edge refers to one of them.
      """,
      wrong: "out all: table = raw",
      right: "out all: table = raw.table"),
    Explanation(
      "E0103", "unknown task or workflow",
      """
      A step calls a task as `alias.task`, where the alias comes from a `use` line, or a workflow of
      this file or of a used `.assay` file by its name.
      """,
      wrong: "step clean = t.dedupe(table: raw.table)",
      right: "step clean = t.dedup(table: raw.table)"),
    Explanation(
      "E0104", "unknown parameter",
      """
      An argument names a parameter that the task or workflow does not have.
      """,
      wrong: "step clean = t.dedup(tabel: raw.table)",
      right: "step clean = t.dedup(table: raw.table)"),
    Explanation(
      "E0105", "one name for two things",
      """
      Inputs and steps of a workflow share one set of names, since references name them alone.
      `foreach` items may not hide them. Outputs are named apart. The same argument, option or clause
      is given once.
      """,
      wrong: """
        step clean = t.dedup(table: raw.table)
        step clean = t.dedup(table: raw.table)
        """,
      right: """
        step clean = t.dedup(table: raw.table)
        step again = t.dedup(table: clean.table)
        """),
    Explanation(
      "E0106", "unknown name",
      """
      An expression refers to inputs of the workflow, to outputs of its steps, and in the arguments of
      a step with `foreach` to the item. Nothing else exists there.
      """,
      wrong: "step clean = t.dedup(table: row.table)",
      right: "step clean = t.dedup(table: raw.table)"),
    Explanation(
      "E0107", "the item of a `foreach` is known in its step only",
      """
      `foreach x in list` gives a name to one item for the arguments of this step. `when` and the list
      itself decide about the step as a whole and do not know the item. Other steps see the lists that
      the step gives.
      """,
      wrong: """
        step one = t.sleep(wait: x) foreach x in [1.0, 2.0]
        step two = t.sleep(wait: x)
        """,
      right: """
        step one = t.sleep(wait: x) foreach x in [1.0, 2.0]
        step two = t.sleep(wait: x) foreach x in [1.0, 2.0]
        """),
    Explanation(
      "E0108", "unknown field",
      """
      Records have the fields of their type, and lists of records give the list of a field. Other
      values have no fields.
      """,
      wrong: """
        in point: {x: float, y: float}
        out z: float = point.z
        """,
      right: """
        in point: {x: float, y: float}
        out z: float = point.y
        """),
    Explanation(
      "E0109", "unknown function",
      """
      Expressions know `zip`, `size`, `contains`, `fmt`, `range`, `min`, `max`, `sum`, `mean`, `file`,
      `dir`, `artifact`, `int`, `float` and `string`. Tasks are called in steps.
      """,
      wrong: "out n: int = length([1, 2])",
      right: "out n: int = size([1, 2])"),
    Explanation(
      "E0110", "no plugin or file of this name",
      """
      The first part of a dotted call is the name that a `use` line gives: what follows `as`, else the
      last part of the plugin's id, else the file's name.
      """,
      wrong: "step small = images.shrink(table: raw.table)",
      right: "step clean = t.dedup(table: raw.table)"),
    Explanation(
      "E0111", "unknown phase",
      """
      `@` tags a step with the phase of the project that it belongs to: problem_definition,
      acquisition, preparation, development, validation, deployment, monitoring, management,
      scalability or governance. Without it the task's own phase counts.
      """,
      wrong: "step clean = t.dedup(table: raw.table) @preperation",
      right: "step clean = t.dedup(table: raw.table) @preparation"),
    Explanation(
      "E0112", "unknown step option",
      """
      The braces of a step hold `retry`, `backoff`, `timeout`, `resources`, `reuse`, `isolation` and
      `on failure`.
      """,
      wrong: "step clean = t.dedup(table: raw.table) { retries 2 }",
      right: "step clean = t.dedup(table: raw.table) { retry 2 }"),
    Explanation(
      "E0113", "unknown artifact",
      """
      `artifact("name@v3")` or `artifact("name@tag")` is a version of a name that `assay artifact put`
      gave; without a version it is the latest. Its recorded type is checked, and the run records which
      bytes it was.
      """,
      wrong: "out n: table = artifact(\"raw/chrun@v1\")",
      right: "out n: table = artifact(\"raw/churn@v1\")"),
  ]
}
