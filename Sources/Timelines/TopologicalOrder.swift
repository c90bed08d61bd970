/// The numbers of `needs` so that each comes after those that it needs, otherwise as they are; what continues a branch
/// comes right after it. Numbers in a circle, which only damage can bring, come last. Linear (Kahn 1962).
package func topologicalOrder(_ needs: [[Int]]) -> [Int] {
  var missing = [Int](repeating: 0, count: needs.count)
  var dependents: [[Int]] = Array(repeating: [], count: needs.count)
  for (index, numbers) in needs.enumerated() {
    for need in Set(numbers) where needs.indices.contains(need) {
      missing[index] += 1
      dependents[need].append(index)
    }
  }
  var order: [Int] = []
  order.reserveCapacity(needs.count)
  var ready = Array(needs.indices.filter { missing[$0] == 0 }.reversed())
  while let next = ready.popLast() {
    order.append(next)
    for dependent in dependents[next].reversed() {
      missing[dependent] -= 1
      if missing[dependent] == 0 { ready.append(dependent) }
    }
  }
  guard order.count < needs.count else { return order }
  let placed = Set(order)
  return order + needs.indices.filter { !placed.contains($0) }
}
