extension Explanations {
  /// Variants, used files, options: E05… to E08….
  static let ofSteps: [Explanation] = [
    Explanation(
      "E0502", "a `vary` without variants",
      """
      A variability point has one or more variants and a default.
      """,
      wrong: """
        step clean = vary(table: raw.table) {
        }
        """,
      right: """
        step clean = vary(table: raw.table) {
          variant rules = t.clean_rules()
          default rules
        }
        """),
    Explanation(
      "E0503", "a `vary` without default",
      """
      Outside experiments the default variant runs, so that the workflow always means something.
      """,
      wrong: """
        step clean = vary(table: raw.table) {
          variant rules = t.clean_rules()
        }
        """,
      right: """
        step clean = vary(table: raw.table) {
          variant rules = t.clean_rules()
          default rules
        }
        """),
    Explanation(
      "E0504", "a shared argument that no variant takes",
      """
      What stands in the parentheses of `vary` goes to each variant that has such a parameter. If none
      has, it is a mistake.
      """,
      wrong: """
        step clean = vary(tabel: raw.table) {
          variant rules = t.clean_rules(table: raw.table)
          default rules
        }
        """,
      right: """
        step clean = vary(table: raw.table) {
          variant rules = t.clean_rules()
          default rules
        }
        """),
    Explanation(
      "E0505", "an output that not all variants give",
      """
      Any variant may run, so the workflow can use only what all of them give, with types that go
      together.
      """,
      wrong: """
        step clean = vary(table: raw.table) {
          variant rules = t.clean_rules()
          variant dedup = t.dedup()
          default rules
        }
        out n: int = clean.dropped
        """,
      right: """
        step clean = vary(table: raw.table) {
          variant rules = t.clean_rules()
          variant dedup = t.dedup()
          default rules
        }
        out all: table = clean.table
        """),
    Explanation(
      "E0604", "unknown variant",
      """
      `default` names one of the variants in the same braces.
      """,
      wrong: """
        step clean = vary(table: raw.table) {
          variant rules = t.clean_rules()
          default rulse
        }
        """,
      right: """
        step clean = vary(table: raw.table) {
          variant rules = t.clean_rules()
          default rules
        }
        """),
    Explanation(
      "E0701", "not found",
      """
      `use` names an installed plugin by its id, or a file by its path relative to this document.
      """,
      wrong: """
        assay 1
        use std.tables
        """,
      right: """
        assay 1
        use std.table
        """),
    Explanation(
      "E0702", "found, but not usable",
      """
      The plugin or file is there and cannot be loaded. `assay plugin describe` loads it alone.
      """,
      wrong: """
        assay 1
        use "./broken.so"
        """,
      right: """
        assay 1
        use std.table
        """),
    Explanation(
      "E0703", "unknown kind of file",
      """
      Usable are Python files (`.py`), shared objects (`.so`), manifests of functions
      (`.functions.toml`) and other documents (`.assay`).
      """,
      wrong: """
        assay 1
        use "./tasks.js"
        """,
      right: """
        assay 1
        use std.table
        """),
    Explanation(
      "E0801", "a step option with a wrong value",
      """
      `retry 4 on io.timeout`, `backoff 2s..60s jitter 0.2`, `timeout 5m`, `resources cpu 1, memory
      2GiB, gpu 1`, `reuse inputs | never | 48h`, `isolation inline | worker | fresh`, `on failure
      stop | skip | continue`.
      """,
      wrong: "step clean = t.dedup(table: raw.table) { timeout 5 }",
      right: "step clean = t.dedup(table: raw.table) { timeout 5m }"),
    Explanation(
      "E0802", "isolation that is not available",
      """
      `sandbox` is planned and not in this version; nothing pretends to be it.
      """,
      wrong: "step clean = t.dedup(table: raw.table) { isolation sandbox }",
      right: "step clean = t.dedup(table: raw.table) { isolation fresh }"),
    Explanation(
      "E0803", "reuse of a task that is not pure",
      """
      A result may be reused when it depends on nothing but inputs, configuration and seed. A task
      says so by declaring itself pure; this one does not.
      """,
      wrong: "step note = notify.file(text: \"x\") { reuse inputs }",
      right: "step note = notify.file(text: \"x\") { reuse never }"),
  ]
}
