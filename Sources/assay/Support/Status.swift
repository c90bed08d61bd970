internal import Workspace

/// The exit code of a use case. A name of its own: the argument parser has an `ExitCode` too.
typealias Status = ExitCode
