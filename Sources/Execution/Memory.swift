package import Events
package import Values

/// What an executor needs of the store: the seam under which a test double fits. All calls from any thread.
package protocol RunMemory: Sendable {
  /// Makes every large part and every file of a value an artifact. Idempotent.
  func persist(_ value: Value, consuming: Bool) throws(StoreFailure) -> Value
  /// The content digest of a value, or nil when a file in it was never persisted.
  func digest(_ value: Value) -> Digest?
  /// For each key a recorded result of the same call, or nil. Many at once are cheaper than one by one.
  func reusable(_ keys: [Digest]) -> [Recorded?]
  /// The artifacts among the files of a persisted value that are no longer what they were; they are taken out of the store.
  func altered(_ value: Value) -> [Digest]
  /// Puts events on record, in order. Returns at once; `commit` tells whether it worked.
  func append(_ events: [Event])
  /// Blocks until everything appended so far is durable.
  func commit() throws(StoreFailure)
  /// Whether the store can no longer record; then nothing new is started.
  var isFailed: Bool { get }
}

extension RunMemory {
  /// Of a memory whose files nobody else can reach.
  package func altered(_ value: Value) -> [Digest] { [] }
  package func reusable(_ key: Digest) -> Recorded? { reusable([key]).first.flatMap(\.self) }
}

/// The store could not keep something: full, unwritable, torn.
package struct StoreFailure: Error, Sendable, Equatable {
  package var message: String
  package init(_ message: String) { self.message = message }
}

/// Outputs that an earlier attempt left behind.
package struct Recorded: Sendable {
  package var run: RunNumber
  package var at: Int64
  package var outputs: [Value?]
  package init(run: RunNumber, at: Int64, outputs: [Value?]) {
    self.run = run
    self.at = at
    self.outputs = outputs
  }
}
