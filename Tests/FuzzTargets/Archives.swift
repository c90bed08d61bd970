import Artifacts
import Glibc
import Values

/// What `assay artifact import` reads, and the text in which a stored directory says what it consists of.
///
/// The first byte chooses: an archive as it is; one whose headers get the checksums that they should have, so that the parts
/// behind them are reached; the names of a directory.
@Sendable func fuzzArchive(_ bytes: [UInt8]) throws {
  guard let kind = bytes.first else { return }
  let content = Array(bytes.dropFirst())
  let place = StorePlace()
  defer { place.clear() }
  // Its files are artifacts of every store that is tried: only names can be wrong.
  let store = try ArtifactStore(directory: place.store, isWriter: false, synchronises: false)
  if kind % 3 == 2 {
    _ = try store.add(Array("one".utf8))
    if let tree = try? store.materialise(directory: store.add(content)) {
      try promise(tree.hasPrefix(place.store + "/trees/"), "a directory at \(tree)")
    }
  } else {
    guard place.write("a.tar", kind % 3 == 0 ? content : mended(content)) else { return }
    if let contents = try? store.import(place.directory + "/a.tar") {
      for (digest, size) in contents.objects {
        try promise((try? store.size(of: digest)) == Int(size), "imported, and not there: \(digest)")
      }
    }
  }
  try promise((try? store.list().allSatisfy { (try? store.verify($0)) != nil }) == true, "an artifact is not whole")
  try promise(names(place.store + "/tmp").isEmpty, "something is left in tmp")
  store.leave()
  try promise(names(place.directory).isSubset(of: ["a.tar", "store"]), "something was written outside of the store")
}

/// With right checksums in all blocks that look like headers.
private func mended(_ bytes: [UInt8]) -> [UInt8] {
  var bytes = bytes
  for start in stride(from: 0, to: bytes.count - 511, by: 512)
  where bytes[start + 257..<start + 262].elementsEqual("ustar".utf8) {
    bytes.replaceSubrange(start + 148..<start + 156, with: [UInt8](repeating: 0x20, count: 8))
    let digits = String(bytes[start..<start + 512].reduce(0) { $0 + Int($1) }, radix: 8)
    let text = String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
    bytes.replaceSubrange(start + 148..<start + 154, with: text.utf8.prefix(6))
    bytes[start + 154] = 0
  }
  return bytes
}

private func names(_ path: String) -> Set<String> {
  guard let directory = opendir(path) else { return [] }
  defer { closedir(directory) }
  var names: Set<String> = []
  while let entry = readdir(directory) {
    names.insert(
      withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      })
  }
  return names.subtracting([".", ".."])
}

/// A store of this thread in memory, if there is such a file system, alone in a directory; emptied after each input.
private struct StorePlace {
  let directory: String
  var store: String { directory + "/store" }

  init() {
    let root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    directory = "\(root)/assay-fuzz-store-\(getpid())-\(pthread_self())"
    mkdir(directory, 0o700)
  }

  func write(_ name: String, _ bytes: [UInt8]) -> Bool {
    let file = open("\(directory)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard file >= 0 else { return false }
    defer { close(file) }
    return Glibc.write(file, bytes, bytes.count) == bytes.count
  }

  func clear() { remove(directory) }

  private func remove(_ path: String) {
    if unlink(path) == 0 { return }
    chmod(path, 0o700)
    for name in names(path) { remove("\(path)/\(name)") }
    rmdir(path)
  }
}
