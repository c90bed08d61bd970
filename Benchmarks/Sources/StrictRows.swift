import Foundation
import Tasks
import Traces

extension Benchmarks {
  /// With `--durability strict` a step begins only when the results that it uses are on disk: no faster than the disk's
  /// acknowledgements, one for each link of a chain, one for all that is ready together in a layer.
  func strictRows() throws -> [Row] {
    let task = try task(tools + "/libbench.so", "bench.sum")
    let shapes: [(shape: Shape, goal: Double)] = [(.chain(200), 0.7), (.layered(100, 100), 50)]
    return try shapes.map { shape, goal in
      progress("strict, \(shape.name)")
      var ours: [Double] = []
      var theirs: [Double] = []
      var disk: [Double] = []
      for _ in 0..<repeats {
        ours.append(try run(shape, task, .inline, .strict))
        theirs.append(try reference(shape, "strict"))
        disk.append(try appendsPerSecond(200))
      }
      let ratio = Double(shape.parents.count) / median(ours) / median(disk)
      return Row(
        what: "inline C, \(shape.name), strict", ours: rate(shape.parents.count, median(ours)),
        beside: "append + fdatasync \(Int(median(disk)))/s, bare C engine \(rate(shape.parents.count, median(theirs)))",
        ratio: ratio, goal: "≥ \(goal)", isReached: ratio >= goal)
    }
  }

  /// What the disk acknowledges, one after the other: 4 KiB appended to a file and synchronised.
  private func appendsPerSecond(_ count: Int) throws -> Double {
    let path = scratch + "/appends"
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o644)
    guard file >= 0 else { throw BenchmarkError("cannot write \(path)") }
    defer { close(file) }
    let page = [UInt8](repeating: 7, count: 4096)
    var isWritten = true
    let time = seconds {
      for _ in 0..<count {
        isWritten = write(file, page, page.count) == page.count && fdatasync(file) == 0 && isWritten
      }
    }
    guard isWritten else { throw BenchmarkError("cannot write \(path)") }
    return Double(count) / time
  }
}
