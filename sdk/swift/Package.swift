// swift-tools-version: 6.2
import PackageDescription

// The author kit for tasks in Swift. It depends on the C header alone (`Sources/CAssay` is a link to `sdk/c`).

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "assay-kit",
  products: [.library(name: "AssayKit", type: .static, targets: ["AssayKit"])],
  targets: [
    .target(name: "CAssay", sources: ["src"], publicHeadersPath: "include"),
    .target(name: "CAssayLayouts"),
    .target(name: "AssayKit", dependencies: ["CAssay", "CAssayLayouts"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)
