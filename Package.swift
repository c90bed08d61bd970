// swift-tools-version: 6.2
import PackageDescription

// The house (docs/ARCHITECTURE.md): a target imports only from lower storeys, and
// Tests/ArchitectureTests proves it.

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
  // Overlapping accesses are looked for while it runs only where it is tested.
  .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

/// How what is in C alone is linked: without the Swift runtime and what that needs, so that its process starts in half the time.
/// That hides all symbols of libraries, a sanitizer's `malloc` among them, which plugins must find; so not for
/// scripts/reliability sanitize.
let small =
  Context.environment["ASSAY_SANITIZE"] == nil
  ? ["-static-stdlib", "-nostartfiles", "-Xlinker", "--gc-sections", "-Xlinker", "--as-needed"] : []

/// How the program is linked for use: with its own copy of Swift's runtime and Foundation. It starts in a third of the time, and
/// needs no toolchain to run. Symbols of libraries are not exported: a Swift plugin brings its own runtime, also inline.
let ownRuntime: [LinkerSetting] = [
  .unsafeFlags(
    ["-static-stdlib", "-l_FoundationCShims", "-l_FoundationCollections", "-lCoreFoundation", "-l_FoundationICU"],
    .when(configuration: .release))
]

func house(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// A task library: `lib<id with underscores>.so`, found by `use <id>`.
func plugin(
  _ name: String, _ path: String, inSwift: Bool, libraries: [String] = [], parts: [Target.Dependency] = []
) -> Target {
  inSwift
    ? .target(name: name, dependencies: ["AssayKit"] + parts, path: "Plugins/\(path)", swiftSettings: strict)
    : .target(
      name: name, dependencies: ["CAssay", "CDigest", "CPluginSupport"], path: "Plugins/\(path)",
      publicHeadersPath: ".",
      cSettings: [.define("_GNU_SOURCE"), .unsafeFlags(["-O2", "-Wall", "-Wextra", "-fvisibility=hidden"])],
      linkerSettings: [.unsafeFlags(small)] + libraries.map { .linkedLibrary($0) })
}

let package = Package(
  name: "assay",
  products: [
    .executable(name: "assay", targets: ["assay"]),
    .executable(name: "assay-worker", targets: ["assay-worker"]),
    .library(name: "assay-python", type: .dynamic, targets: ["assay-python"]),
    .library(name: "assay-functions", type: .dynamic, targets: ["assay-functions"]),
    .library(name: "AssayKit", type: .static, targets: ["AssayKit"]),
    .library(name: "demo-test", type: .dynamic, targets: ["demo"]),
    .library(name: "kit-sample-test", type: .dynamic, targets: ["kit_sample"]),
    .library(name: "std_archive", type: .dynamic, targets: ["std_archive"]),
    .library(name: "std_eval", type: .dynamic, targets: ["std_eval"]),
    .library(name: "std_file", type: .dynamic, targets: ["std_file"]),
    .library(name: "std_http", type: .dynamic, targets: ["std_http"]),
    .library(name: "std_learn", type: .dynamic, targets: ["std_learn"]),
    .library(name: "std_plot", type: .dynamic, targets: ["std_plot"]),
    .library(name: "std_report", type: .dynamic, targets: ["std_report"]),
    .library(name: "std_scale", type: .dynamic, targets: ["std_scale"]),
    .library(name: "std_shell", type: .dynamic, targets: ["std_shell"]),
    .library(name: "std_stats", type: .dynamic, targets: ["std_stats"]),
    .library(name: "std_table", type: .dynamic, targets: ["std_table"]),
    .library(name: "std_text", type: .dynamic, targets: ["std_text"]),
    .library(name: "bench-swift", type: .dynamic, targets: ["bench_swift"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    // 0 ground, C
    .target(name: "CAssay", path: "sdk/c", sources: ["src"], publicHeadersPath: "include"),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CFFI", pkgConfig: "libffi", providers: [.apt(["libffi-dev"])]),
    .target(name: "CDigest", cSettings: [.unsafeFlags(["-O2"])]),
    .target(name: "CProcess", cSettings: [.define("_GNU_SOURCE"), .unsafeFlags(["-O2"])]),

    // 1 values, pure
    house("Values", ["CDigest"]),
    house("Diagnostics"),
    house("TOML"),
    house("Numbers"),
    house("Charts", ["Numbers"]),

    // 2 documents, pure
    house("Syntax", ["Diagnostics"]),
    house("Tasks", ["Values"]),
    house("Workflows", ["Syntax", "Diagnostics", "Tasks", "Values"]),
    house("Editing", ["Workflows", "Syntax", "Diagnostics", "Tasks", "Values"]),
    house("Plans", ["Workflows", "Tasks", "Values"]),
    house("Events", ["Tasks", "Values"]),
    house("Comparisons", ["Events", "Imports", "Syntax", "Diagnostics", "Tasks", "Values"]),
    house("Imports", ["Syntax", "Diagnostics", "Values"]),
    house("Manuals", ["Values"]),
    house("Settings", ["TOML", "Diagnostics", "Values"]),
    house("Timelines", ["Events", "Tasks", "Values"]),
    house("Functions", ["TOML", "Diagnostics", "Values"]),
    house("Drawings", ["Plans", "Workflows", "Diagnostics", "Tasks", "Values"]),

    // 3 memory
    house("Database", ["CSQLite"]),
    house("Artifacts", ["Values", "Database", "CProcess"]),
    house("Traces", ["Events", "Tasks", "Values", "Database"]),

    // 4 machines
    .target(
      name: "CHost", dependencies: ["CAssay"], cSettings: [.define("_GNU_SOURCE"), .unsafeFlags(["-O2"])]),
    house("Processes", ["CProcess"]),
    house("Calls", ["Processes", "CProcess", "Tasks", "Values"]),
    house("Plugins", ["Calls", "Processes", "CProcess", "Tasks", "Values", "CHost"]),
    house("Workers", ["Calls", "Processes", "CProcess", "Tasks", "Values"]),
    house("Environments", ["Processes", "Tasks", "Values", "TOML"]),
    house("Execution", ["Plans", "Workflows", "Tasks", "Values", "Events", "Artifacts", "Traces"]),

    // 5 study, pure
    house("Spaces", ["Plans", "Numbers", "Values"]),
    house("Strategies", ["Spaces", "Numbers"]),
    house(
      "Experiments",
      [
        "Knowledge", "Strategies", "Spaces", "Events", "Plans", "Workflows", "Values", "Diagnostics", "Numbers",
        "Tasks",
      ]),
    house("Statistics", ["Strategies", "Spaces", "Numbers", "Values"]),
    house("Knowledge", ["Strategies", "Spaces", "Numbers", "Values"]),
    house(
      "Insights",
      ["Experiments", "Statistics", "Strategies", "Spaces", "Workflows", "Charts", "Numbers", "Values"]),
    house("Dynamics", ["Statistics", "Events", "Charts", "Values"]),
    house("Logs", ["Dynamics", "Experiments", "Events", "Diagnostics", "Values"]),

    // 6 composition
    house(
      "Workspace",
      [
        "Values", "Diagnostics", "Syntax", "Tasks", "Workflows", "Plans", "Events", "Database", "Artifacts", "Traces",
        "Plugins", "Imports", "Workers", "Environments", "Functions", "Execution", "Comparisons", "Timelines",
        "Settings", "Experiments", "Knowledge", "Statistics", "Strategies", "Spaces", "Numbers", "Insights", "Dynamics",
        "Logs",
      ]),

    // 7 roof
    house("LanguageServer", ["Workspace", "Editing", "Workflows", "Syntax", "Diagnostics", "Tasks", "Values"]),
    house("Server", ["Workspace", "Artifacts", "Experiments", "Events", "Traces", "Values"]),
    .executableTarget(
      name: "assay",
      dependencies: [
        "Workspace", "Artifacts", "Values", "Diagnostics", "Syntax", "Tasks", "Workflows", "Plans", "Events", "Traces",
        "Execution",
        "Plugins", "Drawings", "Imports", "Manuals", "Comparisons", "Timelines",
        "Settings", "Experiments", "Knowledge", "Spaces", "Insights", "Charts", "Statistics", "Dynamics",
        "LanguageServer", "Server",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict,
      linkerSettings: ownRuntime),
    .executableTarget(
      name: "assay-worker", dependencies: ["CHost"],
      cSettings: [.define("_GNU_SOURCE"), .unsafeFlags(["-O2"])],
      linkerSettings: [.unsafeFlags(small)]),
    .target(
      name: "assay-python", dependencies: ["CAssay"],
      cSettings: [.define("_GNU_SOURCE"), .unsafeFlags(["-O2", "-fvisibility=hidden"])],
      linkerSettings: [.unsafeFlags(small)]),

    .target(
      name: "assay-functions", dependencies: ["CAssay", "CFFI"],
      cSettings: [.define("_GNU_SOURCE"), .unsafeFlags(["-O2", "-Wall", "-Wextra", "-fvisibility=hidden"])],
      linkerSettings: [.linkedLibrary("m"), .unsafeFlags(small)]),

    // author kit and standard plugins
    .target(name: "CAssayLayouts", path: "sdk/swift/Sources/CAssayLayouts"),
    .target(
      name: "AssayKit", dependencies: ["CAssay", "CAssayLayouts"], path: "sdk/swift/Sources/AssayKit",
      swiftSettings: strict),
    .target(name: "Numerics", path: "Plugins/numerics", swiftSettings: strict),
    .target(
      name: "CPluginSupport", dependencies: ["CAssay"], path: "Plugins/support",
      cSettings: [.define("_GNU_SOURCE"), .unsafeFlags(["-O2", "-Wall", "-Wextra", "-fvisibility=hidden"])]),
    plugin("std_archive", "archive", inSwift: false, libraries: ["archive"]),
    plugin("std_eval", "eval", inSwift: true, parts: ["Numerics"]),
    plugin("std_file", "file", inSwift: false),
    plugin("std_http", "http", inSwift: false, libraries: ["curl"]),
    plugin("std_learn", "learn", inSwift: true),
    plugin("std_plot", "plot", inSwift: true, parts: ["Charts"]),
    plugin("std_report", "report", inSwift: true),
    plugin("std_scale", "scale", inSwift: false),
    plugin("std_shell", "shell", inSwift: false),
    plugin("std_stats", "stats", inSwift: true, parts: ["Numerics"]),
    plugin("std_table", "table", inSwift: false),
    plugin("std_text", "text", inSwift: true),
    .target(
      name: "PluginHarness", dependencies: ["Plugins", "Workers", "Processes", "Tasks", "Values"],
      path: "Tests/PluginHarness", swiftSettings: strict),
    .target(name: "demo", dependencies: ["AssayKit"], path: "sdk/swift/Examples/Demo", swiftSettings: strict),
    .target(name: "kit_sample", dependencies: ["AssayKit"], path: "Tests/SwiftKitSample", swiftSettings: strict),
    tests("SwiftKitTests", ["PluginHarness", "Plugins", "Processes", "Tasks", "Values"]),
    tests("PluginTests", ["PluginHarness", "Plugins", "Processes", "Tasks", "Values"]),

    // benchmarks
    .target(
      name: "bench_swift", dependencies: ["AssayKit"], path: "Benchmarks/tasks/swift", swiftSettings: strict),
    .executableTarget(
      name: "assay-benchmarks",
      dependencies: [
        "Workspace", "Workflows", "Execution", "Events", "Plugins", "Tasks", "Values", "Diagnostics", "Traces",
      ],
      path: "Benchmarks/Sources", swiftSettings: strict, linkerSettings: ownRuntime),
    .target(
      name: "TuningProblems", dependencies: ["Spaces", "Values"], path: "Benchmarks/strategies/Problems",
      swiftSettings: strict),
    .executableTarget(
      name: "strategy-benchmarks", dependencies: ["TuningProblems", "Strategies", "Spaces"],
      path: "Benchmarks/strategies/Sources", swiftSettings: strict),
    .executableTarget(
      name: "knowledge-benchmarks", dependencies: ["Knowledge", "TuningProblems", "Strategies", "Spaces", "Numbers"],
      path: "Benchmarks/knowledge/Sources", swiftSettings: strict),

    // what reads foreign bytes: fed by Tests/FuzzTests, and by libFuzzer (docs/reliability.md)
    .target(
      name: "FuzzTargets",
      dependencies: [
        "LanguageServer", "Editing", "Workflows", "Plans", "Imports", "Functions", "Settings", "Syntax", "Diagnostics",
        "TOML", "Workers", "Calls", "Plugins", "Processes", "CProcess", "Artifacts", "Traces", "Events", "Tasks",
        "Logs", "Values",
      ],
      path: "Tests/FuzzTargets", swiftSettings: strict),
    tests("FuzzTests", ["FuzzTargets", "Processes"]),

    // tests
    tests("ValuesTests", ["Values"]),
    tests("DiagnosticsTests", ["Diagnostics"]),
    tests("TOMLTests", ["TOML"]),
    tests("NumbersTests", ["Numbers"]),
    tests("ChartsTests", ["Charts"]),
    tests(
      "InsightsTests",
      [
        "Insights", "Experiments", "Statistics", "Strategies", "Spaces", "Workflows", "Diagnostics", "Charts",
        "Numbers",
        "Values",
      ]),
    tests("SpacesTests", ["Spaces", "Plans", "Workflows", "Numbers", "Values"]),
    tests("StrategiesTests", ["Strategies", "Spaces", "Plans", "Workflows", "Numbers", "Values"]),
    tests(
      "FunctionsTests",
      ["Functions", "Workspace", "Workflows", "Plugins", "Processes", "Diagnostics", "Tasks", "Values"]),
    tests("SyntaxTests", ["Syntax", "Diagnostics"]),
    tests("WorkflowsTests", ["Workflows", "Experiments", "Syntax", "Diagnostics", "Tasks", "Values"]),
    tests("PlansTests", ["Plans", "Workflows", "Syntax", "Diagnostics", "Tasks", "Values"]),
    tests("StatisticsTests", ["Statistics", "Strategies", "Spaces", "Numbers", "Values"]),
    tests("ComparisonsTests", ["Comparisons", "Events", "Tasks", "Values"]),
    tests("ImportsTests", ["Imports", "Syntax", "Diagnostics", "Values"]),
    tests("TimelinesTests", ["Timelines", "Events", "Tasks", "Values"]),
    tests("ManualsTests", ["Manuals", "Values"]),
    tests("SettingsTests", ["Settings", "Diagnostics"]),
    tests("EditingTests", ["Editing", "Workflows", "Syntax", "Diagnostics", "Tasks", "Values"]),
    tests("DrawingsTests", ["Drawings", "Plans", "Workflows", "Syntax", "Diagnostics", "Tasks", "Values"]),
    tests("ArtifactsTests", ["Artifacts", "Values", "Database"]),
    tests("TracesTests", ["Traces", "Events", "Tasks", "Values", "Database"]),
    tests(
      "ExperimentsTests",
      [
        "Experiments", "Knowledge", "Strategies", "Spaces", "Numbers", "Events", "Workflows", "Diagnostics", "Values",
        "Plans", "Tasks",
      ]),
    tests("DatabaseTests", ["Database"]),
    tests("CHostTests", ["CHost", "CDigest", "Calls", "Processes", "CProcess", "Tasks", "Values"]),
    tests("PluginsTests", ["Plugins", "Processes", "Tasks", "Values"]),
    tests("WorkersTests", ["Workers", "Plugins", "Environments", "Calls", "Processes", "Tasks", "Values"]),
    tests("PythonTests", []),
    tests("EnvironmentsTests", ["Environments", "Processes", "Tasks", "Values"]),
    tests(
      "ExecutionTests",
      ["Execution", "Diagnostics", "Plans", "Workflows", "Tasks", "Values", "Events", "Artifacts", "Traces"]),
    tests(
      "WorkspaceTests",
      ["Workspace", "Comparisons", "Execution", "Experiments", "Traces", "Diagnostics", "Tasks", "Values", "Events"]),
    tests("DynamicsTests", ["Dynamics", "Statistics", "Events", "Numbers", "Values"]),
    tests(
      "LogsTests",
      ["Logs", "Dynamics", "Experiments", "Spaces", "Events", "Workflows", "Diagnostics", "Numbers", "Values"]),
    tests("KnowledgeTests", ["Knowledge", "Strategies", "Spaces", "Numbers", "Values"]),
    tests("ServerTests", ["Server", "Values"]),
    tests("ArchitectureTests", []),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "assay", "assay-worker", "Workspace", "Settings", "Values", "Tasks", "Events", "Execution", "Database",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["Snapshots", "Terminal"], swiftSettings: strict),
    tests("TrialTests", ["Processes", "Traces", "Events", "Tasks", "Values"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)

// The program of scripts/reliability fuzz: its main() is libFuzzer's, so it links only with `--sanitize fuzzer`.
if Context.environment["ASSAY_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(name: "assay-fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Driver"))
}
