internal import CProcess

/// The memory of this process.
package enum Memory {
  /// Gives back to the system what is free. For the end of a stage that took much: what others allocate comes from elsewhere.
  package static func giveBack() { cprocess_trim_memory() }
}
