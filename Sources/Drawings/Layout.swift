/// Places boxes from left to right so that edges go forward, cross little and are nearly straight.
///
/// Boxes stand in columns by their longest path from a source. An edge over several columns passes each through a gap;
/// edges from the same output share them. Linear in nodes and gaps for each of a fixed number of sweeps.
struct Layout {
  struct Box {
    var width: Int
    var height: Int
    /// Keeps its width; others take that of their column.
    var isNarrow: Bool
    /// At the right side of its column (else the left), if narrow.
    var hugsRight: Bool
  }
  /// Offsets of the ends from the tops of their boxes.
  struct Link: Hashable {
    var from: Int
    var fromOffset: Int
    var to: Int
    var toOffset: Int
  }
  struct Point: Equatable {
    var x: Int
    var y: Int
  }
  struct Frame {
    var x = 0, y = 0, width = 0, height = 0
  }

  static let rowGap = 22
  static let columnGap = 72
  /// Long edges of very large graphs run straight through instead of taking gaps.
  private static let mostGaps = 40_000

  private(set) var frames: [Frame]
  /// By output with links: the way past columns that its links share.
  private(set) var trunks: [[Point]] = []
  /// By link: from the trunk, or from its box, to its box.
  private(set) var ends: [(from: Point, to: Point)] = []
  private(set) var width = 0
  private(set) var height = 0

  /// A box or a gap.
  private struct Slot {
    var column: Int
    var height: Int
    /// Gaps stay straight first.
    var weight: Double
    var y = 0.0
    var position = 0
    /// Neighbours, and how far below their top the own top wants to be.
    var before: [(slot: Int, shift: Int)] = []
    var after: [(slot: Int, shift: Int)] = []
  }
  private var slots: [Slot] = []
  private var columns: [[Int]] = []
  /// By trunk: its gaps, and a link that starts where it does.
  private var chains: [[Int]] = []
  private var origins: [Link] = []
  /// By link: its trunk, and how many gaps of it.
  private var branches: [(trunk: Int, gaps: Int)] = []
  /// By column.
  private var spans: [(x: Int, width: Int)] = []

  /// Links go from lower to higher indices. `floating` boxes without links into them stand just before their first use.
  init(_ boxes: [Box], _ links: [Link]) {
    frames = boxes.map { Frame(width: $0.width, height: $0.height) }
    assignColumns(boxes, links)
    addGaps(links)
    order()
    placeVertically()
    placeHorizontally(boxes)
    route(links)
  }

  /// Index into `trunks`.
  func trunk(ofLink link: Int) -> Int { branches[link].trunk }

  private mutating func route(_ links: [Link]) {
    for (chain, origin) in zip(chains, origins) {
      guard !chain.isEmpty else {
        trunks.append([])
        continue
      }
      var points = [start(of: origin)]
      for slot in chain {
        let span = spans[slots[slot].column]
        let y = Int(slots[slot].y.rounded())
        points += [Point(x: span.x, y: y), Point(x: span.x + span.width, y: y)]
      }
      trunks.append(points)
    }
    for (link, branch) in zip(links, branches) {
      let from = branch.gaps > 0 ? trunks[branch.trunk][branch.gaps * 2] : start(of: link)
      ends.append((from, Point(x: frames[link.to].x, y: frames[link.to].y + link.toOffset)))
    }
  }

  private func start(of link: Link) -> Point {
    let frame = frames[link.from]
    return Point(x: frame.x + frame.width, y: frame.y + link.fromOffset)
  }

  // MARK: Columns

  private mutating func assignColumns(_ boxes: [Box], _ links: [Link]) {
    var rank = [Int](repeating: 0, count: boxes.count)
    var targets = [[Int]](repeating: [], count: boxes.count)
    var hasSource = [Bool](repeating: false, count: boxes.count)
    for link in links {
      targets[link.from].append(link.to)
      hasSource[link.to] = true
    }
    for box in boxes.indices {
      for target in targets[box] { rank[target] = max(rank[target], rank[box] + 1) }
    }
    for box in boxes.indices where !hasSource[box] {
      if let first = targets[box].map({ rank[$0] }).min() { rank[box] = first - 1 }
    }
    for (index, box) in boxes.enumerated() { slots.append(Slot(column: rank[index], height: box.height, weight: 1)) }
  }

  private mutating func addGaps(_ links: [Link]) {
    struct Port: Hashable { var box, offset: Int }
    var trunks: [Port: Int] = [:]
    for link in links {
      let port = Port(box: link.from, offset: link.fromOffset)
      let start = slots[link.from].column
      let needed = slots[link.to].column - start - 1
      let trunk = trunks[port] ?? chains.count
      if trunk == chains.count {
        trunks[port] = trunk
        chains.append([])
        origins.append(link)
      }
      while chains[trunk].count < needed, slots.count < Self.mostGaps {
        slots.append(Slot(column: start + chains[trunk].count + 1, height: 0, weight: 4))
        if let last = chains[trunk].last {
          join(last, 0, slots.count - 1, 0)
        } else {
          join(link.from, link.fromOffset, slots.count - 1, 0)
        }
        chains[trunk].append(slots.count - 1)
      }
      let near = min(needed, chains[trunk].count)
      branches.append((trunk, near))
      if near > 0 {
        join(chains[trunk][near - 1], 0, link.to, link.toOffset)
      } else {
        join(link.from, link.fromOffset, link.to, link.toOffset)
      }
    }
  }

  private mutating func join(_ from: Int, _ fromOffset: Int, _ to: Int, _ toOffset: Int) {
    slots[from].after.append((to, toOffset - fromOffset))
    slots[to].before.append((from, fromOffset - toOffset))
  }

  // MARK: Order within columns

  private mutating func order() {
    columns = Array(repeating: [], count: (slots.map(\.column).max() ?? -1) + 1)
    for slot in slots.indices { columns[slots[slot].column].append(slot) }
    number()
    var best = columns
    var fewest = crossings()
    for sweep in 0..<12 where fewest > 0 {
      let forward = sweep % 2 == 0
      for column in forward ? Array(columns.indices) : columns.indices.reversed() {
        let keyed = columns[column].map { slot -> (slot: Int, key: Double) in
          let near = forward ? slots[slot].before : slots[slot].after
          guard !near.isEmpty else { return (slot, Double(slots[slot].position)) }
          // The offset of the port breaks ties between values of the same box.
          let sum = near.reduce(0.0) { sum, end in
            sum + Double(slots[end.slot].position) + Double(end.shift) / 4096
          }
          return (slot, sum / Double(near.count))
        }
        columns[column] = keyed.enumerated().sorted {
          ($0.element.key, $0.offset) < ($1.element.key, $1.offset)
        }.map(\.element.slot)
        for (position, slot) in columns[column].enumerated() { slots[slot].position = position }
      }
      let now = crossings()
      if now < fewest { (fewest, best) = (now, columns) }
    }
    columns = best
    number()
  }

  private mutating func number() {
    for column in columns { for (position, slot) in column.enumerated() { slots[slot].position = position } }
  }

  /// Pairs of links between neighbouring columns that cross. O(links · log slots), by a Fenwick tree.
  private func crossings() -> Int {
    var count = 0
    for column in columns.dropLast().indices {
      let width = columns[column + 1].count
      var tree = [Int](repeating: 0, count: width + 1)
      var total = 0
      for slot in columns[column] {
        let ends = slots[slot].after.compactMap { slots[$0.slot].column == column + 1 ? slots[$0.slot].position : nil }
        for end in ends {
          var index = end + 1
          var below = 0
          while index > 0 {
            below += tree[index]
            index -= index & -index
          }
          count += total - below
        }
        for end in ends {
          var index = end + 1
          while index <= width {
            tree[index] += 1
            index += index & -index
          }
          total += 1
        }
      }
    }
    return count
  }

  // MARK: Places

  private mutating func placeVertically() {
    for column in columns { settle(column, column.map { _ in 0 }) }
    for sweep in 0..<28 {
      let forward = sweep % 2 == 0
      // At the end both sides count, so that nothing leans.
      let isLast = sweep >= 14
      for column in forward ? columns : columns.reversed() {
        settle(
          column,
          column.map { index in
            let slot = slots[index]
            let near = isLast ? slot.before + slot.after : forward ? slot.before : slot.after
            guard !near.isEmpty else { return slot.y }
            // Between gaps straightness counts more than elsewhere.
            var (sum, weights) = (0.0, 0.0)
            for end in near {
              let weight = slot.height == 0 && slots[end.slot].height == 0 ? 8.0 : 1.0
              sum += weight * (slots[end.slot].y + Double(end.shift))
              weights += weight
            }
            return sum / weights
          })
      }
    }
    let top = slots.map(\.y).min() ?? 0
    for slot in slots.indices { slots[slot].y -= top }
    for box in frames.indices { frames[box].y = Int(slots[box].y.rounded()) }
    height = Int((slots.map { $0.y + Double($0.height) }.max() ?? 0).rounded(.up))
  }

  /// Puts the slots of a column as near to where they want to be as their order and the gaps between them allow: least
  /// squares by pooling neighbours that push each other. Linear.
  private mutating func settle(_ column: [Int], _ wanted: [Double]) {
    struct Pool { var sum, weight: Double, count: Int }
    var pools: [Pool] = []
    var offsets: [Double] = []
    var offset = 0.0
    for (slot, wanted) in zip(column, wanted) {
      offsets.append(offset)
      let weight = slots[slot].weight
      pools.append(Pool(sum: (wanted - offset) * weight, weight: weight, count: 1))
      while pools.count > 1, let last = pools.last {
        let previous = pools[pools.count - 2]
        guard last.sum / last.weight < previous.sum / previous.weight else { break }
        pools.removeLast()
        pools[pools.count - 1] = Pool(
          sum: previous.sum + last.sum, weight: previous.weight + last.weight, count: previous.count + last.count)
      }
      offset += Double(slots[slot].height + Self.rowGap)
    }
    var index = 0
    for pool in pools {
      for _ in 0..<pool.count {
        slots[column[index]].y = pool.sum / pool.weight + offsets[index]
        index += 1
      }
    }
  }

  private mutating func placeHorizontally(_ boxes: [Box]) {
    var x = 0
    for column in columns {
      let members = column.filter { $0 < boxes.count }
      let width = members.map { boxes[$0].width }.max() ?? 0
      for box in members {
        frames[box].width = boxes[box].isNarrow ? boxes[box].width : width
        frames[box].x = boxes[box].isNarrow && boxes[box].hugsRight ? x + width - boxes[box].width : x
      }
      spans.append((x, width))
      x += width + Self.columnGap
    }
    width = max(0, x - Self.columnGap)
  }
}
