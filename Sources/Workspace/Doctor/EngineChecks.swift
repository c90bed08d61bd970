internal import Environments
internal import Foundation
internal import Plugins
internal import Processes
internal import Settings
internal import Tasks
internal import Workers

// The parts that came with the engine, the plugins, and Python: each is really used once.

extension Doctor {
  private static let reinstall = "install assay again: scripts/install PREFIX"

  @Sendable func engine() -> [Finding] {
    var findings: [Finding] = []
    if let worker = layout.installation.worker {
      let version = Self.ask([worker, "--version"])
      if version == "assay-worker \(Workspace.version)" {
        findings.append(Finding("worker", .ok, worker))
      } else {
        let said = version.map { "is `\($0)`, not of version \(Workspace.version)" } ?? "does not start"
        findings.append(Finding("worker", .problem, "\(worker) \(said)", fix: Self.reinstall))
      }
    } else {
      findings.append(
        Finding("worker", .problem, "assay-worker, the program that hosts plugins, is missing", fix: Self.reinstall))
    }
    let parts = [
      ("headers", layout.installation.headers, "plugins in C cannot be built"),
      ("swift-kit", layout.installation.swiftKit, "plugins in Swift cannot be built"),
      ("templates", layout.installation.templates, "`assay init` has nothing to make projects from"),
    ]
    for (name, path, lack) in parts {
      findings.append(
        path.map { Finding(name, .ok, $0) }
          ?? Finding(name, .warning, "not found beside the program: \(lack)", fix: Self.reinstall))
    }
    return findings
  }

  /// The folders that are searched, and what they hold.
  @Sendable func plugins() -> [Finding] {
    var findings: [Finding] = []
    let folder = layout.settings.given(.pluginPath)?.folder
    for path in layout.settings.texts(.pluginPath) {
      if Files.stamp(Layout.absolute(path, in: folder))?.isDirectory != true {
        findings.append(
          Finding(
            "plugin.path", .warning, "\(path), named by \(layout.settings.origin(.pluginPath).words), is no folder",
            fix: "assay config set plugin.path …"))
      }
    }
    guard let plugins = try? workspace.plugins() else { return findings }
    for (id, plugin) in plugins {
      guard case .failure(let error) = plugin else { continue }
      findings.append(
        Finding("plugin", .warning, "\(id) does not load: \(error.message)", fix: "assay plugin describe \(id)"))
    }
    let broken = findings.count { $0.id == "plugin" }
    if plugins.isEmpty {
      findings.append(Finding("plugins", .warning, "no standard plugin is there", fix: Self.reinstall))
    } else if broken == 0 {
      findings.append(Finding("plugins", .ok, "\(plugins.count) load"))
    }
    return findings
  }

  static func python(_ workspace: Workspace) -> [Finding] {
    let doctor = Doctor(workspace: workspace)
    let python: FoundPython
    do throws(EnvironmentError) { python = try workspace.environments.finder.find(nil, file: "") } catch {
      return [
        Finding("python", .warning, "\(error.message): tasks in Python cannot run", fix: doctor.install(.python))
      ]
    }
    let how = python.library == nil ? "no shared libpython: tasks run in the interpreter's own process" : "libpython"
    var findings = [Finding("python", .ok, "\(python.version) \(python.executable) (\(how))")]
    findings.append(doctor.installer(python))
    findings.append(doctor.bridge(python))
    return findings
  }

  /// What builds environments for scripts that name packages.
  private func installer(_ python: FoundPython) -> Finding {
    let id = "python.installer"
    let wanted = layout.settings.text(.pythonInstaller) ?? "auto"
    if wanted != "pip", let uv = locate("uv") { return Finding(id, .ok, "uv: \(uv)") }
    if wanted == "uv" {
      return Finding(
        id, .warning, "`python.installer` is uv, which is not in PATH", fix: "assay config set python.installer auto")
    }
    guard Self.ask([python.executable, "-I", "-c", "import venv, ensurepip"]) != nil else {
      return Finding(
        id, .warning, "neither uv nor venv with pip: scripts that name packages cannot run", fix: install(.venv))
    }
    return Finding(id, .ok, "venv and pip")
  }

  /// Has a worker load a task in Python.
  private func bridge(_ python: FoundPython) -> Finding {
    let id = "python-bridge"
    guard layout.installation.worker != nil, let bridge = layout.installation.pythonBridge,
      layout.installation.pythonKit != nil
    else {
      return Finding(id, .problem, "what loads tasks in Python is missing", fix: Self.reinstall)
    }
    let folder = NSTemporaryDirectory() + "assay-doctor-" + UUID().uuidString
    let probe = folder + "/probe.py"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
      try Files.makeDirectory(folder)
      try Files.writeAtomically(
        probe, Array("from assay import task\n\n@task\ndef probe() -> int:\n    return 1\n".utf8))
      let interpreter = try workspace.environments.interpreter(forFile: probe)
      _ = try workspace.workers().describe(PluginSource(kind: .python, path: probe, interpreter: interpreter))
      return Finding(id, .ok, bridge)
    } catch {
      let failure = error as? Failure
      let said = failure.map { ([$0.message] + $0.log.suffix(1)).joined(separator: ": ") } ?? "\(error)"
      return Finding(
        id, .problem, "a task in Python does not load: \(said)", fix: "assay config set python.interpreter … --user")
    }
  }
}
