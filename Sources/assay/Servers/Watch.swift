internal import ArgumentParser
internal import Experiments
internal import Foundation
internal import Settings
internal import Values
internal import Workspace

struct Watch: Command {
  static let configuration = CommandConfiguration(
    abstract: "Carry out the policies of a document: look, and act within limits, without being asked.",
    discussion: """
      A policy says when to look, what is alarming, and what to do then. What it does is on record in its name: \
      `assay exp log` shows its decisions beside those of people. Whatever needs a person waits for one.

        policy keep_good {
          every 1d                                       # or: at "06:30"; the times are UTC
          version "stream/window"                        # also at each new version of this name
          monitor watch(window: artifact("stream/window")) when drift or error > 3.0
          champion judge(window: artifact("stream/window")) when error > 3.0   # search only if it really is worse
          start retune { trials 20, wall 10m }           # an experiment of this document, narrower than it says
          rest 12h                                       # at least so long between two acts
          timeout 30m                                    # for each run, and each session of the experiment
        }

      Goes on until Ctrl-C; with --once it looks where it is due and ends, with 5 if something waits for a person: for cron. \
      One watcher per project.

      EXAMPLES:
        assay watch drift.assay
        assay watch drift.assay --once
        assay watch drift.assay --once --now     whatever the clock says
      """)

  @Argument(help: ArgumentHelp("The document with the policies.", valueName: "file"), completion: Candidates.documents)
  var file: String

  @Flag(name: .long, help: "Look once where it is due, and end.")
  var once = false

  @Flag(name: .long, help: "Begin by looking, whatever the clock and the versions say.")
  var now = false

  @Option(name: .long, help: ArgumentHelp("Seconds between two glances at clock and names.", valueName: "seconds"))
  var glance = 1.0

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard glance >= 0.05, glance <= 86400 else { throw ValidationError("--glance is from 0.05 to 86400 seconds") }
  }

  func perform(_ console: Console) throws(WorkspaceError) -> Int32 {
    let signals = Signals.start()
    let layout = Layout(project: shared.directory)
    try layout.checkSettings()
    let watcher = try Watcher(file) { Workspace(layout: layout) { console.notice($0) } }
    console.show(watcher.warnings)
    signals.handle { _, _ in watcher.stop() }
    if !once { console.talk("watches: \(watcher.names.joined(separator: ", "))") }
    var isForced = now
    var isBusy = false
    while true {
      var isWaiting = false
      do throws(WorkspaceError) {
        isWaiting = try watcher.look(isForced: isForced) { tell(console, $0, $1) }
        isForced = false
        isBusy = false
      } catch {
        if watcher.isStopped { break }
        // Somebody else has the store for now. A document that was broken meanwhile may be mended.
        guard !once, error.exit == .store || error.exit == .document else { throw error }
        if !isBusy { console.report(error) }
        isBusy = true
      }
      if once { return isWaiting ? ExitCode.waiting.rawValue : ok }
      if signals.first != 0 || watcher.isStopped { break }
      pause(watcher)
    }
    return signals.first == 0 ? ok : 128 + signals.first
  }

  private func pause(_ watcher: Watcher) {
    let end = Date(timeIntervalSinceNow: glance)
    while !watcher.isStopped, Date() < end { Thread.sleep(forTimeInterval: min(0.1, glance)) }
  }

  private func tell(_ console: Console, _ policy: String, _ entry: PolicyEntry) {
    if console.json {
      Output.data(JSON.object([.init("schema", "assay.policy.event/1")] + entry.members(of: policy)).compact)
    } else {
      Output.data("\(Times.timeOfDay(unixNanoseconds: entry.at)) \(policy): \(Text.harmless(entry.words))")
    }
  }
}
