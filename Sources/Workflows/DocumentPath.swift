/// Paths in documents: pure text, no file is touched.
enum DocumentPath {
  /// `path`, written in a document at `base`, seen from where `base` is seen from.
  static func resolve(_ path: String, from base: String) -> String {
    guard !path.hasPrefix("/") else { return normalized(path) }
    guard let slash = base.lastIndex(of: "/") else { return normalized(path) }
    return normalized(base[...slash] + path)
  }

  /// Without `.`, `..` behind a name, and empty parts.
  static func normalized(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
    }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }

  /// The name by which a used file is called: `./tasks/churn.py` → `churn`, `libchurn.so` → `churn`.
  static func name(of path: String) -> String {
    var name = path.split(separator: "/").last.map(String.init) ?? path
    for suffix in [".functions.toml", ".assay.json", ".assay", ".py", ".so", ".toml"] where name.hasSuffix(suffix) {
      if suffix == ".so", name.hasPrefix("lib") { name.removeFirst(3) }
      name.removeLast(suffix.count)
      break
    }
    let letters = name.unicodeScalars.map { scalar -> Character in
      let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
      return isPlain ? Character(scalar) : "_"
    }
    return String(letters)
  }
}
