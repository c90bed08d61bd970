public import AssayKit

// A plugin with a task for each thing that the kit can do.

struct Person: AssayRecord {
  @Field("name") var name: String
  @Field("age") var age: Int?
}

struct Echo: AssayTask {
  enum Colour: String, CaseIterable, AssayEnum { case red, green }
  static let task = TaskInfo("kit.sample.echo", version: "1.2.3", doc: "Gives back what it gets.")
  @In("flag") var flag: Bool
  @In("number", in: -5...5) var number = 3
  @In("share", in: 0...1) var share: Double
  @In("text") var text = "a \"b\"\n"
  @In("bytes") var bytes: [UInt8]
  @In("numbers") var numbers: [[Double]] = [[1.5], []]
  @In("person") var person: Person
  @In("colour") var colour = Colour.green
  @In("maybe") var maybe: String?
  @In("tensor") var tensor: Tensor<Float>
  @In("table") var table: Table
  @In("file", type: "file<txt>") var file: File
  @Out("flag") var flagOut: Bool
  @Out("number") var numberOut: Int
  @Out("share") var shareOut: Double
  @Out("text") var textOut: String
  @Out("bytes") var bytesOut: [UInt8]
  @Out("numbers") var numbersOut: [[Double]]
  @Out("person") var personOut: Person
  @Out("colour") var colourOut: Colour
  @Out("maybe") var maybeOut: String?
  @Out("tensor") var tensorOut: Tensor<Float>
  @Out("table") var tableOut: Table
  @Out("file", type: "file<txt>") var fileOut: File

  mutating func run(_ context: Context) throws {
    (flagOut, numberOut, shareOut, textOut) = (flag, number, share, text)
    (bytesOut, numbersOut, colourOut, maybeOut) = (bytes, numbers, colour, maybe)
    personOut = person
    tensorOut = tensor
    tableOut = table
    fileOut = file
  }
}

struct Columns: AssayTask {
  static let task = TaskInfo("kit.sample.columns", version: "1.0.0", doc: "Reads a column as each type, makes a table.")
  @In("table") var table: Table
  @In("column") var column: String
  @In("as") var kind: String
  @Out("table") var result: Table
  mutating func run(_ context: Context) throws {
    let column = try table[column]
    let rows = Column("row", Array(1..<(table.rowCount + 1)))
    switch kind {
    case "bool": result = try Table([rows, Column("value", try column.values(Bool.self))])
    case "int": result = try Table([rows, Column("value", try column.values(Int.self))])
    case "float": result = try Table([rows, Column("value", try column.values(Double.self))])
    case "string": result = try Table([rows, Column("value", try column.values(String.self))])
    case "present": result = try Table([rows, Column("value", try column.present(Double.self))])
    default: result = try Table([rows, column])
    }
  }
}

struct Double_: AssayTask {
  static let task = TaskInfo(
    "kit.sample.double", version: "1.0.0", doc: "Doubles each element, in the engine's memory.")
  @In("x") var x: Tensor<Double>
  @Out("y") var y: Tensor<Double>
  mutating func run(_ context: Context) throws {
    var result: Tensor<Double> = try context.tensor(x.shape)
    x.read { x in result.change { y in for i in 0..<x.count { y[i] = 2 * x[i] } } }
    y = result
  }
}

struct Services: AssayTask {
  static let task = TaskInfo("kit.sample.services", version: "1.0.0", secrets: ["token"], doc: "Uses every service.")
  @Out("report", type: "file<txt>") var report: File
  @Out("files") var files: [File]
  @Out("folder") var folder: Directory
  @Out("uniform") var uniform: [Double]
  @Out("about") var about: [String]
  @Out("never") var never: Int?
  mutating func run(_ context: Context) throws {
    context.log("begins", .warning)
    context.progress(1, of: 2, "half")
    context.metric("loss", 0.5, unit: "nat", step: 7)
    try context.checkpoint(Array("so far".utf8))
    uniform = (0..<3).map { _ in context.random.uniform() }
    about = [
      context.runID, context.workflow, context.node, "\(context.attemptNumber)", try context.secret("token"),
      context.resume.map { String(decoding: $0, as: UTF8.self) } ?? "",
    ]
    let file = try context.makeFile("report", name: "report.txt")
    try file.write("one\n")
    try file.write("two\n")
    report = file
    files = [File(text: "a", name: "a.txt"), File(text: "b", name: "b.txt")]
    let directory = try context.makeDirectory("folder", name: "folder")
    try directory.write("inside", name: "x.txt")
    folder = directory
  }
}

struct Fails: AssayTask {
  struct Odd: Error {}
  static let task = TaskInfo("kit.sample.fails", version: "1.0.0", doc: "Fails in each way.")
  @In("how") var how: String
  @Out("value") var value: Int
  mutating func run(_ context: Context) throws {
    switch how {
    case "coded":
      throw TaskFailure("too slow", code: "io.timeout", retryable: true, number: 110, retryAfter: .seconds(2))
    case "port": throw TaskFailure("not like this", code: "x.y", port: "how")
    case "other": throw Odd()
    case "unset": break
    case "wait": while true { try context.checkCancelled() }
    default: value = 1
    }
  }
}

struct Threads: AssayTask {
  static let task = TaskInfo(
    "kit.sample.threads", version: "1.0.0", doc: "Uses the context from other threads, and late.")
  @Out("value") var value: Int
  mutating func run(_ context: Context) throws {
    runThreads(8) {
      context.log("from a thread"); context.metric("m", 1); context.progress(1); _ = context.isCancelled
    }
    keep(context)
    value = 8
  }
}

/// Keeps its input after the attempt has ended, and gives back the one of the attempt before.
struct Keeps: AssayTask {
  static let task = TaskInfo("kit.sample.keeps", version: "1.0.0", doc: "Gives back the input of the last attempt.")
  @In("x") var x: Tensor<Double>
  @In("table") var table: Table
  @Out("x") var lastX: Tensor<Double>
  @Out("table") var lastTable: Table
  mutating func run(_ context: Context) throws {
    (lastX, lastTable) = swapKept((x, table))
  }
}

private let plugin = Plugin(
  id: "kit.sample", version: "1.0.0",
  tasks: [Echo.self, Columns.self, Double_.self, Services.self, Fails.self, Threads.self, Keeps.self])

/// Called by the engine.
@c(assay_plugin_entry)
public func entry(_ loader: AssayLoader) -> AssayDescription { plugin.enter(loader) }
