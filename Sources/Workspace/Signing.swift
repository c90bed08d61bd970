internal import Foundation
internal import Processes

/// Signatures of texts by OpenSSH, with the keys that people have: `ssh-keygen -Y`. The signature stands behind the text.
enum Signing {
  /// What a signature is for: one of something else is none.
  private static let namespace = "assay-checkpoint"
  private static let begin = "-----BEGIN SSH SIGNATURE-----"

  /// - Parameter key: a private key, or the public key of one that an agent holds.
  static func sign(_ text: String, key: String) throws(WorkspaceError) -> String {
    try inScratch { folder throws(WorkspaceError) in
      try write(text, "\(folder)/text")
      let (isRight, said) = try run(["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", namespace, "\(folder)/text"])
      guard isRight, let signature = try? String(contentsOfFile: "\(folder)/text.sig", encoding: .utf8) else {
        throw WorkspaceError(
          .failed, "cannot sign with \(key): \(said)", help: "`ssh-keygen -t ed25519 -f KEY` makes a key")
      }
      return text + signature
    }
  }

  /// The text and, where there is one, the signature behind it.
  static func split(_ signed: String) -> (text: String, signature: String?) {
    guard let start = signed.range(of: "\n" + begin) else { return (signed, nil) }
    return (String(signed[..<start.lowerBound]) + "\n", String(signed[start.lowerBound...].dropFirst()))
  }

  /// Who signed, as the list of signers calls them; nil: nobody of them, or the text is not what was signed.
  ///
  /// - Parameter signers: lines `NAME KEY`, as in `man ssh-keygen`, ALLOWED SIGNERS. Nil: only whether the signature fits the
  ///   text is looked at, whoever made it; then the result is the key.
  static func signer(
    of text: String, _ signature: String, signers: String?
  ) throws(WorkspaceError) -> (name: String?, said: String) {
    try inScratch { folder throws(WorkspaceError) in
      try write(text, "\(folder)/text")
      try write(signature, "\(folder)/sig")
      let words = ["-n", namespace, "-s", "\(folder)/sig"]
      guard let signers else {
        let (isRight, said) = try run(["ssh-keygen", "-Y", "check-novalidate"] + words, input: "\(folder)/text")
        return (isRight ? said.split(separator: " ").last.map(String.init) ?? "a key" : nil, said)
      }
      guard FileManager.default.isReadableFile(atPath: signers) else {
        throw WorkspaceError(.notFound, "cannot read \(signers)", help: "it lists who may sign, a line each: NAME KEY")
      }
      let (isKnown, names) = try run(["ssh-keygen", "-Y", "find-principals", "-s", "\(folder)/sig", "-f", signers])
      guard isKnown, let name = names.split(separator: "\n").first.map(String.init) else {
        return (nil, "the key that signed it is not in \(signers)")
      }
      let (isRight, said) = try run(
        ["ssh-keygen", "-Y", "verify", "-f", signers, "-I", name] + words, input: "\(folder)/text")
      return (isRight ? name : nil, said)
    }
  }

  // MARK: The program

  private static func run(
    _ arguments: [String], input: String = "/dev/null"
  ) throws(WorkspaceError) -> (isRight: Bool, said: String) {
    var lines: [String] = []
    let result: Command.Result
    do {
      // The input is an argument too: nothing of it is read by the shell.
      result = try Command(["sh", "-c", "input=$1; shift; exec \"$@\" < \"$input\"", "sh", input] + arguments).run {
        lines.append($0)
      }
    } catch {
      throw WorkspaceError(.failed, "cannot start ssh-keygen: \(error)")
    }
    if result.ending.code == 127 {
      throw WorkspaceError(
        .failed, "there is no `ssh-keygen`", help: "install OpenSSH's client: apt install openssh-client")
    }
    return (result.succeeded, lines.joined(separator: "\n"))
  }

  private static func write(_ text: String, _ path: String) throws(WorkspaceError) {
    do { try Data(text.utf8).write(to: URL(filePath: path)) } catch {
      throw WorkspaceError(.failed, "cannot write \(path): \(error.localizedDescription)")
    }
  }

  private static func inScratch<R>(_ body: (String) throws(WorkspaceError) -> R) throws(WorkspaceError) -> R {
    let folder = NSTemporaryDirectory() + "assay-signing-\(UUID().uuidString)"
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw WorkspaceError(.failed, "cannot make \(folder): \(error.localizedDescription)")
    }
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }
}
