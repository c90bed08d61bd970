/// An entry of an experiment's log as it is stored: what it says is the business of `Experiments`.
package struct LogRow: Sendable, Equatable {
  package var at: Int64
  /// `person:ada`.
  package var actor: String
  package var kind: String
  package var trial: Int?
  package var numbers: [Double]
  package var text: String

  package init(at: Int64, actor: String, kind: String, trial: Int? = nil, numbers: [Double] = [], text: String = "") {
    self.at = at
    self.actor = actor
    self.kind = kind
    self.trial = trial
    self.numbers = numbers
    self.text = text
  }
}

/// The beginning of an experiment.
package struct ExperimentRecord: Sendable {
  /// In its store, from 1.
  package var number: Int
  /// 128 random bits in hexadecimal: the identity outside this store.
  package var uid: String
  package var name: String
  package var file: String
  /// The documents, so that it can be repeated.
  package var documents: [(path: String, text: String)]
  package var startedAt: Int64
  package var user: String
  package var host: String
  package var engine: String
  /// What it was forked from, and after how many entries.
  package var parent: (number: Int, entries: Int)?
  package var reason: String

  package init(
    number: Int = 0, uid: String, name: String, file: String, documents: [(path: String, text: String)],
    startedAt: Int64, user: String, host: String, engine: String, parent: (number: Int, entries: Int)? = nil,
    reason: String = ""
  ) {
    self.number = number
    self.uid = uid
    self.name = name
    self.file = file
    self.documents = documents
    self.startedAt = startedAt
    self.user = user
    self.host = host
    self.engine = engine
    self.parent = parent
    self.reason = reason
  }
}
