/// The words of the language with what they mean, for completion and hover.
package struct LanguageWord: Sendable {
  package enum Group: Sendable { case declaration, clause, option, optionWord, type, function, expression, experiment }
  package var text: String
  package var group: Group
  /// How it is written.
  package var usage: String
  package var doc: String

  init(_ group: Group, _ text: String, _ usage: String, _ doc: String) {
    self.text = text
    self.group = group
    self.usage = usage
    self.doc = doc
  }

  package static let all: [LanguageWord] = ofWorkflows + ofExperiments

  private static let ofWorkflows: [LanguageWord] = [
    .init(.declaration, "assay", "assay 1", "The edition of the language: the first line of every document."),
    .init(
      .declaration, "use", "use std.table as t",
      "Makes the tasks of an installed plugin, of a `.py` or `.so` file, or the workflows of another document usable here."
    ),
    .init(
      .declaration, "workflow", "workflow name { … }", "Typed inputs, steps and typed outputs; called like a task."),
    .init(
      .declaration, "experiment", "experiment name { … }",
      "A search over variants of a workflow: `assay exp run` runs it."),
    .init(
      .declaration, "policy", "policy name { … }",
      "When to look at something, what is alarming, and what to do then: `assay watch` carries it out."),
    .init(
      .declaration, "in", "in name: type = default",
      "An input. The default is a constant; without one the input has to be given, unless its type is optional."),
    .init(.declaration, "out", "out name: type = expression", "An output."),
    .init(
      .declaration, "step", "step name = callee(parameter: value, …)",
      "One call of a task or workflow. A reference to an output of another step is an edge."),
    .init(
      .declaration, "vary", "vary(shared: value) { variant a = …(…) default a }",
      "One step with several interchangeable implementations. Its arguments go to each variant that has such a parameter."
    ),
    .init(.declaration, "variant", "variant name = callee(…)", "One implementation of a variability point."),
    .init(.declaration, "default", "default name", "The variant that runs unless a run says otherwise."),
    .init(.declaration, "as", "use … as name", "The short name of a plugin or file."),

    .init(
      .clause, "foreach", "foreach item in list max N",
      "Calls once per item. Outside the step each output `T` is `list<T>`. `foreach (a, b) in zip(x, y)` walks over two lists."
    ),
    .init(.clause, "max", "foreach … max N", "At most so many items at a time."),
    .init(
      .clause, "when", "when condition",
      "Skips the step if the condition is false. Outside each output `T` is `T?`."),

    .init(
      .option, "retry", "retry N [on CODE, …]",
      "`N` further attempts after the first; with `on` only after the failures listed, such as `io.timeout` or `crash`."
    ),
    .init(
      .option, "backoff", "backoff A[..B] [jitter F]",
      "The pause before another attempt: first `A`, each one twice as long, at most `B`; `jitter 0.2` spreads it by ±20 %."
    ),
    .init(.option, "timeout", "timeout D", "The longest that one attempt may take, such as `20m`."),
    .init(
      .option, "resources", "resources cpu N, memory SIZE, gpu N",
      "What one attempt needs: `cpu` counts against `--parallel`, `memory` limits the worker, `gpu` excludes other steps with one."
    ),
    .init(
      .option, "reuse", "reuse inputs | never | D",
      "Whether a recorded result may be taken: by inputs, never, or only one younger than `D`."),
    .init(
      .option, "isolation", "isolation worker | fresh | inline",
      "Where attempts run: in a process that stays (`worker`), in one of their own (`fresh`), in the engine (`inline`)."
    ),
    .init(
      .option, "on failure", "on failure stop | skip | continue",
      "When all attempts have failed: `stop` the run, `skip` (the outputs are missing, the run goes on), or `continue` with "
        + "what does not need them and fail at the end."),
    .init(.optionWord, "jitter", "jitter F", "Spreads each pause by this share."),
    .init(.optionWord, "on", "retry N on CODE, …", "Only these failures are tried again."),
    .init(.optionWord, "cpu", "cpu N", "Processors; counts against `--parallel`."),
    .init(.optionWord, "memory", "memory SIZE", "A limit on the address space of the worker, such as `2GiB`."),
    .init(.optionWord, "gpu", "gpu N", "Steps that want one do not run at the same time."),

    .init(.type, "bool", "bool", "`true` or `false`."),
    .init(.type, "int", "int, int(2..20)", "A whole number of 64 bits, in a range if one is given."),
    .init(.type, "float", "float, float(0..1)", "A number of 64 bits, in a range if one is given."),
    .init(.type, "string", "string", "Text."),
    .init(.type, "bytes", "bytes", "Bytes."),
    .init(.type, "enum", "enum(\"a\", \"b\")", "One of these strings."),
    .init(.type, "list", "list<T>", "A list of `T`."),
    .init(
      .type, "tensor", "tensor<f32>[n, 3]", "A dense array: element type and dimensions (a number, a name or `?`)."),
    .init(.type, "table", "table, table{a: int, b: string?}", "An Arrow table; the columns named have to be there."),
    .init(.type, "file", "file, file<csv>", "Contents with a digest, not just a path."),
    .init(.type, "dir", "dir", "A directory by its contents."),
    .init(.type, "any", "any", "Any value."),

    .init(
      .function, "zip", "zip(a, b, …)", "A list of records from lists of one length, for `foreach (x, y) in zip(a, b)`."
    ),
    .init(
      .function, "size", "size(x)",
      "Items of a list, fields of a record, characters of a text, bytes, rows of a table, first dimension of a tensor."),
    .init(.function, "contains", "contains(list, x)", "Whether the list holds `x`."),
    .init(
      .function, "range", "range(n), range(a, b)", "The whole numbers from 0 (or `a`) up to but without `n` (`b`)."),
    .init(.function, "min", "min(list)", "The smallest of a list of numbers."),
    .init(.function, "max", "max(list)", "The largest of a list of numbers."),
    .init(.function, "sum", "sum(list)", "The sum of a list of numbers; of an empty one 0."),
    .init(.function, "mean", "mean(list)", "The mean of a list of numbers, a `float`."),
    .init(.function, "fmt", "fmt(\"AUC {} of {}\", a, b)", "Text; one `{}` for each value, `{{` and `}}` are braces."),
    .init(.function, "int", "int(x)", "Cuts a fraction off, or reads text."),
    .init(.function, "float", "float(x)", "A number from a number or text."),
    .init(.function, "string", "string(x)", "The text of a value."),
    .init(.function, "file", "file(\"path\")", "A file, relative to the document."),
    .init(.function, "dir", "dir(\"path\")", "A directory, relative to the document."),
    .init(.function, "artifact", "artifact(\"name@v3\")", "An artifact of the store, by name."),

    .init(.expression, "true", "true", "The truth."),
    .init(.expression, "false", "false", "The opposite."),
    .init(.expression, "null", "null", "No value: what an optional type may hold."),
    .init(.expression, "not", "not a", "`true` if `a` is false."),
    .init(.expression, "and", "a and b", "`true` if both are."),
    .init(.expression, "or", "a or b", "`true` if one of them is."),
    .init(.expression, "ran", "step.ran", "Whether a conditional step ran: what it gives is known to be there."),
  ]

  package static func all(_ group: Group) -> [LanguageWord] { all.filter { $0.group == group } }
  static func named(_ text: String, _ groups: Group...) -> LanguageWord? {
    all.first { $0.text == text && groups.contains($0.group) }
  }

  var markdown: String { Markdown.code(usage) + "\n\n" + doc }
}
