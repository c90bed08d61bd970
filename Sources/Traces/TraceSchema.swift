internal import Database

/// The tables of the trace.
///
/// Every event has a sequence number (`seq`), one series over all tables: the order in which things were recorded. Rows
/// are only appended, in this order, so that no page is written twice for the hot tables and no secondary index is kept;
/// the events of a run lie between its `first` and `last`.
enum TraceSchema {
  static let current = Schema(application: 0x4153_5359, steps: [version1, version2])
  /// Readers do without what later versions added.
  static let oldestReadable = 1

  private static let version1 = """
    CREATE TABLE runs (
      run INTEGER PRIMARY KEY, uid TEXT NOT NULL, workflow TEXT NOT NULL, file TEXT NOT NULL, seed INTEGER NOT NULL,
      engine TEXT NOT NULL, host TEXT NOT NULL, user TEXT NOT NULL, reason TEXT NOT NULL, resumes INTEGER,
      started INTEGER NOT NULL, finished INTEGER, status TEXT NOT NULL, message TEXT NOT NULL DEFAULT '',
      first INTEGER NOT NULL, last INTEGER, directory TEXT NOT NULL, until TEXT, lanes INTEGER NOT NULL,
      reuses INTEGER NOT NULL, verifies INTEGER NOT NULL, facts BLOB NOT NULL, reproduces INTEGER, plan BLOB NOT NULL
    ) STRICT;
    -- What many runs have in common, once: documents, facts about the machine.
    CREATE TABLE texts (digest BLOB PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE documents (
      run INTEGER, position INTEGER, path TEXT NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (run, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE run_inputs (
      run INTEGER, position INTEGER, name TEXT NOT NULL, value BLOB NOT NULL, origin TEXT NOT NULL,
      PRIMARY KEY (run, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE run_outputs (
      run INTEGER, position INTEGER, name TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (run, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE run_artifacts (
      run INTEGER, position INTEGER, reference TEXT NOT NULL, version TEXT NOT NULL, value BLOB NOT NULL,
      PRIMARY KEY (run, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE run_variants (run INTEGER, step TEXT, variant TEXT NOT NULL, PRIMARY KEY (run, step))
      STRICT, WITHOUT ROWID;
    -- What a run calls: `run << 32 | number`. `components` of the keys of all its calls, names of parameters (each with
    -- a tab and its default, where it has one) and of outputs.
    CREATE TABLE tasks (
      id INTEGER PRIMARY KEY, task TEXT NOT NULL, version TEXT NOT NULL, code BLOB NOT NULL, components BLOB NOT NULL,
      parameters TEXT NOT NULL, outputs TEXT NOT NULL, traits INTEGER NOT NULL
    ) STRICT;
    -- The steps of plans (`PlanRecord`): what many runs have in common, once. `runs.plan` has the digests of its parts.
    CREATE TABLE plan_parts (digest BLOB PRIMARY KEY, steps BLOB NOT NULL) STRICT;
    -- What an identity of code was computed from.
    CREATE TABLE codes (code BLOB PRIMARY KEY, path TEXT NOT NULL, parts TEXT NOT NULL) STRICT, WITHOUT ROWID;

    -- Attempts, written once, at their end: `seq` to `last`, packed (`AttemptsCodec`), those that ended together in a row.
    CREATE TABLE attempts (
      seq INTEGER PRIMARY KEY, last INTEGER NOT NULL, run INTEGER NOT NULL, attempts BLOB NOT NULL
    ) STRICT;
    -- Why attempts failed.
    CREATE TABLE failures (
      seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, code TEXT NOT NULL, number INTEGER NOT NULL, message TEXT NOT NULL,
      detail TEXT NOT NULL, port TEXT NOT NULL, retryable INTEGER, retry_after INTEGER, signal INTEGER NOT NULL,
      log TEXT NOT NULL
    ) STRICT;
    CREATE TABLE started (
      seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, node INTEGER NOT NULL, step INTEGER NOT NULL, item TEXT,
      attempt INTEGER NOT NULL, at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE reused (
      seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, node INTEGER NOT NULL, step INTEGER NOT NULL, item TEXT,
      key BLOB NOT NULL, source INTEGER NOT NULL, at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE skipped (
      seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, node INTEGER NOT NULL, step INTEGER NOT NULL, item TEXT,
      why TEXT NOT NULL, at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE logs (
      seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, node INTEGER NOT NULL, attempt INTEGER NOT NULL,
      level INTEGER NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE metrics (
      seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, node INTEGER NOT NULL, attempt INTEGER NOT NULL,
      name TEXT NOT NULL, value REAL, unit TEXT NOT NULL, step INTEGER NOT NULL, at INTEGER NOT NULL
    ) STRICT;
    -- Inputs that changed while a task used them: their runs are tainted.
    CREATE TABLE changed_inputs (
      seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, node INTEGER NOT NULL, step INTEGER NOT NULL, item TEXT,
      input TEXT NOT NULL, artifact BLOB NOT NULL, since INTEGER NOT NULL, at INTEGER NOT NULL
    ) STRICT;
    -- The last one of each node.
    CREATE TABLE checkpoints (
      seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, node INTEGER NOT NULL, bytes BLOB NOT NULL, UNIQUE (run, node)
    ) STRICT;

    -- Which attempt has the reusable result of a key. The key is cut to 8 bytes; the record of the attempt has all of it.
    -- Rows come in sorted bulks (at the end of a run): random single inserts would dirty a page each.
    CREATE TABLE results (key INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
    -- What garbage collection must keep. Node -1: an input or output of the run.
    CREATE TABLE artifacts (digest BLOB, run INTEGER, node INTEGER, PRIMARY KEY (digest, run, node))
      STRICT, WITHOUT ROWID;
    -- `indexed`: attempts up to this one are in `results`.
    CREATE TABLE marks (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    """

  /// Runs that are trials of experiments.
  private static let version2 = """
    CREATE TABLE trials (run INTEGER PRIMARY KEY, experiment INTEGER NOT NULL, name TEXT NOT NULL, trial INTEGER NOT NULL)
      STRICT;
    """
}
