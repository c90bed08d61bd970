import Testing

@testable import Workspace

@Test func theTightestLimitOnTheWayCounts() {
  let files = [
    "/a/b/memory.max": "max\n", "/a/memory.max": "1073741824\n", "/memory.max": "2147483648\n",
    "/a/b/cpu.max": "150000 100000\n", "/a/cpu.max": "max 100000\n",
  ]
  let group = Cgroup("0::/a/b\n") { files[$0] }
  #expect(group.memoryBytes == 1 << 30)
  #expect(group.processors == 1.5)
}

@Test func theFirstVersionKnowsTheMemory() {
  let group = Cgroup("4:memory:/box\n1:name=systemd:/\n") { $0 == "/memory/box/memory.limit_in_bytes" ? "4096\n" : nil }
  #expect(group.memoryBytes == 4096)
  #expect(group.processors == nil)
}

@Test(arguments: ["", "0::/\n", "nonsense\n:::\n", "0::\n"])
func withoutLimitsThereAreNone(text: String) {
  let group = Cgroup(text) { _ in "max 100000\n" }
  #expect(group.memoryBytes == nil && group.processors == nil)
}
