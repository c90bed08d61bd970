internal import ArgumentParser
internal import Comparisons
internal import Values
internal import Workspace

struct ArtifactDiff: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Compare two artifacts.",
    discussion: """
      Texts are compared line by line, JSON and values by path, tables by columns and rows, tensors by numbers, directories \
      by files. Ends with 0 if they are the same, with 1 if they differ.

      EXAMPLES:
        assay artifact diff churn/model@v2 churn/model@production
        assay artifact diff 11:metrics 12:metrics
        assay artifact diff raw/churn@v1 raw/churn --json
      """)

  @Argument(help: ArgumentHelp("The first: a name, an output of a run, digits of a digest.", valueName: "before"))
  var before: String

  @Argument(help: ArgumentHelp("The second.", valueName: "after"))
  var after: String

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let (a, b) = (try workspace.find(before), try workspace.find(after))
    let comparison = try workspace.compare(a, b)
    if console.json {
      console.document(
        "assay.artifact.diff/1",
        [
          .init("before", .object(Self.side(a, before))), .init("after", .object(Self.side(b, after))),
          .init("same", .bool(comparison == .same)),
        ] + DiffText.members(comparison))
    } else if comparison == .same {
      console.talk("they are the same")
    } else {
      console.page(DiffText.text(comparison, before: before, after: after, console.paint))
    }
    return comparison == .same ? ok : Status.failed.rawValue
  }

  private static func side(_ found: FoundArtifact, _ name: String) -> [JSON.Member] {
    [.init("name", .string(name)), .init("type", .string(found.type.description)), .init("size", .int(found.size))]
      + (found.digest.map { [.init("digest", .string("sha256:" + $0.hex))] } ?? [])
  }
}

/// Comparisons as the command line shows them.
enum DiffText {
  static func text(_ comparison: ArtifactComparison, before: String, after: String, _ paint: Paint) -> String {
    switch comparison {
    case .same: return ""
    case .text(let a, let b):
      return Text.harmless(LineDiff.unified(a, b, path: "\(before) → \(after)", paint: Paint(false)), lines: true)
        .split(separator: "\n", omittingEmptySubsequences: false).map { color(String($0), paint) }.joined(
          separator: "\n")
    case .json(let places, let more):
      return places.map { place($0, paint) }.joined() + (more > 0 ? "… \(more) more places\n" : "")
    case .table(let table): return text(table, paint)
    case .tensor(let tensor): return text(tensor)
    case .directory(let files):
      return files.map { file in
        let sign = file.change == .added ? "+ " : file.change == .removed ? "- " : "~ "
        return color(sign + Text.harmless(file.path), paint) + "\n"
      }.joined()
    case .bytes(let a, let b, let offset): return "\(a) bytes, \(b) bytes; the first difference is at byte \(offset)\n"
    case .kinds(let a, let b): return "\(before) is \(a), \(after) is \(b)\n"
    }
  }

  private static func color(_ line: String, _ paint: Paint) -> String {
    switch line.first {
    case "-": paint(line, .bad)
    case "+": paint(line, .good)
    case "@": paint(line, .active)
    default: line
    }
  }

  private static func place(_ place: ArtifactComparison.Place, _ paint: Paint) -> String {
    let path = Text.harmless(place.path.isEmpty ? "value" : place.path)
    let words = "\(short(place.before)) → \(short(place.after))"
    if place.before == nil { return paint("+ \(path): \(short(place.after))", .good) + "\n" }
    if place.after == nil { return paint("- \(path): \(short(place.before))", .bad) + "\n" }
    return "~ \(path): \(words)\n"
  }

  private static func short(_ json: JSON?) -> String {
    guard let json else { return "not there" }
    return Text.harmless(String(json.compact.prefix(200)))
  }

  private static func text(_ table: TableComparison, _ paint: Paint) -> String {
    var lines: [String] = []
    for column in table.columns {
      switch (column.before, column.after) {
      case (nil, let type?): lines.append(paint("+ column \(Text.harmless(column.name)): \(type)", .good))
      case (let type?, nil): lines.append(paint("- column \(Text.harmless(column.name)): \(type)", .bad))
      case (let a, let b): lines.append("~ column \(Text.harmless(column.name)): \(a ?? "") → \(b ?? "")")
      }
    }
    if table.isReordered { lines.append("the same rows in another order") }
    if table.cellCount > 0 {
      for cell in table.cells {
        lines.append("~ row \(cell.row), \(Text.harmless(cell.column)): \(short(cell.before)) → \(short(cell.after))")
      }
      let more = table.cellCount - table.cells.count
      if more > 0 { lines.append("… \(more) more cells") }
    } else {
      for row in table.onlyBefore { lines.append(paint("- \(short(row))", .bad)) }
      for row in table.onlyAfter { lines.append(paint("+ \(short(row))", .good)) }
    }
    lines.append(
      "\(table.rowsBefore) rows, \(table.rowsAfter) rows: \(table.onlyBeforeCount) only before, \(table.onlyAfterCount) only after"
    )
    return lines.joined(separator: "\n") + "\n"
  }

  private static func text(_ tensor: TensorComparison) -> String {
    if !tensor.isComparable { return "\(tensor.before), \(tensor.after): of different shapes\n" }
    var lines: [String] = []
    if tensor.before != tensor.after { lines.append("\(tensor.before) → \(tensor.after)") }
    lines.append("\(tensor.differing) of \(tensor.elements) elements differ")
    func add(_ title: String, _ spot: TensorComparison.Spot?) {
      guard let spot else { return }
      lines.append("\(title) \(spot.difference) at \(spot.index): \(short(spot.before)) → \(short(spot.after))")
    }
    add("largest difference", tensor.largest)
    add("largest relative difference", tensor.largestRelative)
    if tensor.incomparable > 0 { lines.append("\(tensor.incomparable) are not finite on one side") }
    if let first = tensor.first { lines.append("the first is at \(first.index)") }
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: JSON

  static func members(_ comparison: ArtifactComparison) -> [JSON.Member] {
    switch comparison {
    case .same: return []
    case .text(let a, let b):
      return [.init("kind", "text"), .init("diff", .string(LineDiff.unified(a, b, path: "artifact")))]
    case .json(let places, let more):
      let items = places.map { place in
        JSON.object(
          [.init("path", .string(place.path))] + (place.before.map { [.init("before", $0)] } ?? [])
            + (place.after.map { [.init("after", $0)] } ?? []))
      }
      return [.init("kind", "json"), .init("places", .array(items)), .init("more", .int(Int64(more)))]
    case .table(let table): return members(table)
    case .tensor(let tensor): return members(tensor)
    case .directory(let files):
      let items = files.map {
        JSON.object([.init("path", .string($0.path)), .init("change", .string($0.change.rawValue))])
      }
      return [.init("kind", "directory"), .init("files", .array(items))]
    case .bytes(let a, let b, let offset):
      return [
        .init("kind", "bytes"), .init("bytes", [.int(Int64(a)), .int(Int64(b))]), .init("first", .int(Int64(offset))),
      ]
    case .kinds(let a, let b): return [.init("kind", "kinds"), .init("kinds", [.string(a), .string(b)])]
    }
  }

  private static func members(_ table: TableComparison) -> [JSON.Member] {
    let columns = table.columns.map { column in
      JSON.object([
        .init("name", .string(column.name)), .init("before", column.before.map { .string($0) } ?? .null),
        .init("after", column.after.map { .string($0) } ?? .null),
      ])
    }
    let cells = table.cells.map {
      JSON.object([
        .init("row", .int(Int64($0.row))), .init("column", .string($0.column)), .init("before", $0.before),
        .init("after", $0.after),
      ])
    }
    return [
      .init("kind", "table"), .init("columns", .array(columns)),
      .init("rows", [.int(Int64(table.rowsBefore)), .int(Int64(table.rowsAfter))]),
      .init("only_before", .int(Int64(table.onlyBeforeCount))), .init("only_after", .int(Int64(table.onlyAfterCount))),
      .init("rows_before", .array(table.onlyBefore)), .init("rows_after", .array(table.onlyAfter)),
      .init("cells", .array(cells)), .init("cells_differing", .int(Int64(table.cellCount))),
      .init("reordered", .bool(table.isReordered)),
    ]
  }

  private static func members(_ tensor: TensorComparison) -> [JSON.Member] {
    func spot(_ spot: TensorComparison.Spot?) -> JSON {
      guard let spot else { return .null }
      return .object([
        .init("at", .array(spot.index.map { .int(Int64($0)) })), .init("before", spot.before),
        .init("after", spot.after), .init("difference", spot.difference.isFinite ? .float(spot.difference) : .null),
      ])
    }
    return [
      .init("kind", "tensor"), .init("types", [.string(tensor.before), .string(tensor.after)]),
      .init("comparable", .bool(tensor.isComparable)), .init("elements", .int(Int64(tensor.elements))),
      .init("differing", .int(Int64(tensor.differing))), .init("incomparable", .int(Int64(tensor.incomparable))),
      .init("largest", spot(tensor.largest)), .init("largest_relative", spot(tensor.largestRelative)),
      .init("first", spot(tensor.first)),
    ]
  }
}
