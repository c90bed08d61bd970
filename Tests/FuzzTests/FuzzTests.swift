import Foundation
import FuzzTargets
import Processes
import Testing

/// The corpora of `Tests/Fuzz`, fed to their readers: what the fuzzer once found stays mended. `scripts/reliability fuzz` finds more.
@Suite struct FuzzTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  private static let corpora = root + "/Tests/Fuzz/corpus"

  @Test(arguments: FuzzTarget.all.map(\.name))
  func keptInputsAreRead(_ name: String) throws {
    let target = try #require(FuzzTarget.named(name))
    let directory = "\(Self.corpora)/\(name)"
    let inputs = try FileManager.default.contentsOfDirectory(atPath: directory)
    #expect(!inputs.isEmpty)
    #expect(throws: Never.self, "nothing at all") { try target.run([]) }
    for input in inputs.sorted() {
      let bytes = try #require(FileManager.default.contents(atPath: "\(directory)/\(input)"))
      #expect(throws: Never.self, "Tests/Fuzz/corpus/\(name)/\(input)") { try target.run([UInt8](bytes)) }
      // What is cut short is the most common damage.
      #expect(throws: Never.self, "the first half of Tests/Fuzz/corpus/\(name)/\(input)") {
        try target.run([UInt8](bytes.prefix(bytes.count / 2)))
      }
    }
  }

  /// The worker and the host, built with gcc's sanitizers.
  @Test func keptInputsAreReadByTheWorkerAndTheHost() throws {
    let place = FileManager.default.temporaryDirectory.path + "/assay-fuzz-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: place) }
    let root = Self.root
    let script = """
      flags='-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -D_GNU_SOURCE -std=gnu11'
      flags="$flags -Wall -Wextra -Werror -I\(root)/Sources/CHost/include -I\(root)/Sources/assay-worker"
      flags="$flags -I\(root)/sdk/c/include"
      gcc $flags -c \(root)/Sources/CHost/*.c \(root)/Tests/Fuzz/C/replay.c &&
      gcc $flags \(root)/Tests/Fuzz/C/worker.c *.o -o worker -lpthread -ldl &&
      gcc $flags \(root)/Tests/Fuzz/C/descriptors.c *.o -o descriptors -lpthread -ldl &&
      gcc $flags -shared -fPIC \(root)/Tests/Fixtures/plugins/good.c -o worker.so -lpthread &&
      gcc $flags -shared -fPIC \(root)/Tests/Fuzz/C/presents.c -o descriptors.so &&
      ASSAY_FUZZ_PLUGIN=./descriptors.so ./descriptors \(root)/Tests/Fuzz/corpus/descriptors &&
      ASAN_OPTIONS=detect_leaks=0 ASSAY_FUZZ_PLUGIN=./worker.so ./worker \(root)/Tests/Fuzz/corpus/worker
      """
    var said: [String] = []
    let result = try Command(["sh", "-c", script], directory: place).run { said.append($0) }
    #expect(result.succeeded, "\(said.suffix(40))")
    #expect(said.filter { $0.hasSuffix(" inputs") }.count == 2, "\(said.suffix(40))")
  }

  @Test func everyCorpusHasATarget() throws {
    let directories = try FileManager.default.contentsOfDirectory(atPath: Self.corpora)
    #expect(Set(directories) == Set(FuzzTarget.all.map(\.name) + ["worker", "descriptors"]))
  }
}
