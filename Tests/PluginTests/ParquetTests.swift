import PluginHarness
import Processes
import Testing
import Values

/// `Plugins/parquet` between files that pyarrow itself has written, and pyarrow itself.
@Suite struct ParquetTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  /// The pyarrow of PyPI on both sides of the tasks. The same environment as theirs, so it is built once.
  private let real = #"""
    # /// script
    # requires-python = ">=3.9"
    # dependencies = ["pyarrow==21.0.0"]
    # ///
    import datetime, decimal, os
    import pyarrow, pyarrow.feather, pyarrow.ipc, pyarrow.parquet
    from assay import Context, File, Table, task

    def original():
        return pyarrow.table({
            "i": pyarrow.array([1, None, 3], pyarrow.int8()), "u": pyarrow.array([1, 2, 2**63], pyarrow.uint64()),
            "f": pyarrow.array([1.5, None, float("nan")], pyarrow.float32()), "s": ["a", None, "ü"],
            "b": [True, None, False], "bytes": [b"x", None, b"\xff"],
            "time": pyarrow.array([datetime.datetime(2026, 1, 1), None, None], pyarrow.timestamp("us", "UTC")),
            "day": [datetime.date(2026, 1, 1)] * 3, "money": [decimal.Decimal("1.10")] * 3,
            "list": [[1, 2], [], None], "record": [{"a": 1}, {"a": None}, None],
            "word": pyarrow.array(["x", "y", "x"]).dictionary_encode(),
        })

    @task(output="file")
    def make(context: Context, form: str) -> File:
        path, table = context.artifact("made." + form), original()
        if form == "parquet":
            pyarrow.parquet.write_table(table, path, row_group_size=2)
        elif form == "lz4":
            pyarrow.feather.write_feather(table, os.fspath(path), compression="lz4")
        elif form == "stream":
            with pyarrow.OSFile(os.fspath(path), "wb") as sink, pyarrow.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table, max_chunksize=2)
        else:
            view = pyarrow.table({"v": pyarrow.array(["long enough to be elsewhere", None]).cast(pyarrow.string_view())})
            pyarrow.feather.write_feather(view, os.fspath(path), compression="uncompressed")
        return path

    def same(table):
        table, expected = table.combine_chunks(), original()
        if not table.schema.equals(expected.schema):
            return "schema: %s" % table.schema
        # NaN is not equal to itself, and the texts of both are.
        return "same" if str(table.to_pylist()) == str(expected.to_pylist()) else "rows: %s" % table.to_pylist()

    @task(output="says")
    def compare(table: Table) -> str:
        return same(table.arrow())

    @task(output="says")
    def parquet(file: File, compression: str = "ZSTD") -> str:
        found = pyarrow.parquet.ParquetFile(file).metadata.row_group(0).column(0).compression
        return same(pyarrow.parquet.read_table(file)) if found == compression else found

    @task(output="says")
    def arrow(file: File) -> str:
        return same(pyarrow.ipc.open_file(pyarrow.memory_map(os.fspath(file))).read_all())

    @task(output="file")
    def rows(context: Context) -> File["csv"]:
        path = context.artifact("rows.csv")
        with open(path, "w") as out:
            out.write("n,x\n" + "".join("%d,%d.5\n" % (i, i) for i in range(100000)))
        return path

    @task(output="bytes")
    def allocated(table: Table) -> int:
        before = pyarrow.total_allocated_bytes()
        contents = table.arrow()
        assert contents.nbytes > 1000000
        return pyarrow.total_allocated_bytes() - before
    """#

  private func run(_ steps: String, _ outputs: String) throws -> (succeeded: Bool, text: String) {
    let text = """
      assay 1
      use "\(Bench.package)/Plugins/parquet/parquet.py"
      use "./real.py"
      use std.file as file
      use std.table as table
      workflow main {
      \(steps)
      \(outputs)
      }
      """
    try Files.writeAtomically(bench.directory + "/real.py", Array(real.utf8))
    try Files.writeAtomically(bench.directory + "/main.assay", Array(text.utf8))
    var command = Command([Bench.product("assay"), "run", bench.directory + "/main.assay", "--progress", "none"])
    command.environment["ASSAY_STORE"] = bench.directory + "/store"
    var lines: [String] = []
    let result = try command.run { lines.append($0) }
    return (result.succeeded, lines.joined(separator: "\n"))
  }

  /// Every type that a table may have, from a file into a table and back into one.
  @Test func tablesComeAndGoAsPyarrowKnowsThem() throws {
    let (succeeded, text) = try run(
      """
        step p = real.make(form: "parquet")
        step z = real.make(form: "lz4")
        step s = real.make(form: "stream")
        step v = real.make(form: "view")
        step fromParquet = parquet.read_parquet(file: p.file)
        step fromFile = parquet.read_arrow(file: z.file)
        step fromStream = parquet.read_arrow(file: s.file)
        step fromView = parquet.read_arrow(file: v.file)
        step a = real.compare(table: fromParquet.table)
        step b = real.compare(table: fromFile.table)
        step c = real.compare(table: fromStream.table)
        step toParquet = parquet.write_parquet(table: fromParquet.table)
        step toSnappy = parquet.write_parquet(table: fromFile.table, compression: "snappy")
        step toArrow = parquet.write_arrow(table: fromStream.table)
        step d = real.parquet(file: toParquet.file)
        step e = real.parquet(file: toSnappy.file, compression: "SNAPPY")
        step f = real.arrow(file: toArrow.file)
        step words = table.words(table: fromView.table, name: "v")
        step some = parquet.read_arrow(file: z.file, columns: ["s", "i"])
        step few = table.describe(table: some.table)
      """,
      """
        out all: list<string> = [a.says, b.says, c.says, d.says, e.says, f.says]
        out words: list<string?> = words.values
        out few: int = size(few.summary)
      """)
    #expect(succeeded, "\(text)")
    #expect(text.contains(#"["same", "same", "same", "same", "same", "same"]"#), "\(text)")
    #expect(text.contains(#"words = ["long enough to be elsewhere", null]"#) && text.contains("few   = 2"), "\(text)")
  }

  /// What a task of the engine made is in pyarrow's hands without a copy.
  @Test func tablesAreSharedNotCopied() throws {
    let (succeeded, text) = try run(
      """
        step many = real.rows()
        step raw = table.read_csv(path: many.file)
        step packed = parquet.write_arrow(table: raw.table)
        step again = parquet.read_arrow(file: packed.file)
        step a = real.allocated(table: raw.table)
        step b = real.allocated(table: again.table)
      """,
      "out copied: list<int> = [a.bytes, b.bytes]")
    #expect(succeeded && text.contains("copied = [0, 0]"), "\(text)")
  }

  @Test func filesThatAreNoneSaySo() throws {
    for (call, code) in [("read_parquet", "parquet.damaged"), ("read_arrow", "arrow.damaged")] {
      let (succeeded, text) = try run(
        """
          step text = file.write_text(text: "no such thing")
          step t = parquet.\(call)(file: text.file)
        """, "out n: int = size(t.table)")
      #expect(!succeeded && text.contains("failed: \(code): "), "\(text)")
    }
    let (succeeded, text) = try run(
      """
        step p = real.make(form: "parquet")
        step t = parquet.read_parquet(file: p.file, columns: ["i", "j"])
      """, "out n: int = size(t.table)")
    #expect(!succeeded && text.contains("failed: table.column: there is no column `j`"), "\(text)")
  }
}
