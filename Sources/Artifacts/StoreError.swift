internal import Glibc

/// Why the artifact store could not keep or give bytes.
package struct StoreError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable, Equatable {
    /// No room, over quota or over the file size limit.
    case full
    /// A directory or file of the store cannot be written.
    case unwritable
    /// What is to be stored cannot be read.
    case unreadable
    /// The store does not have these bytes.
    case missing
    /// Stored bytes are not what their name says.
    case torn
    /// A symbolic link, device, socket… in a directory to be stored.
    case unsupported
    /// Not a stored value or manifest.
    case malformed
  }

  package var code: Code
  package var path: String
  /// One line for a person, without the path.
  package var message: String
  /// `errno`, or 0.
  package var systemError: Int32

  package init(_ code: Code, _ message: String, path: String, systemError: Int32 = 0) {
    self.code = code
    self.message = message
    self.path = path
    self.systemError = systemError
  }

  /// After a failed system call. `code` gives way to `full` where the reason is room.
  static func system(_ code: Code, _ message: String, path: String, _ reason: Int32 = errno) -> StoreError {
    let isRoom = [ENOSPC, EDQUOT, EFBIG].contains(reason)
    return StoreError(isRoom ? .full : code, message, path: path, systemError: reason)
  }

  package var description: String {
    let reason = systemError == 0 ? "" : ": " + String(cString: strerror(systemError))
    return "\(message)\(reason): \(path)"
  }
}
