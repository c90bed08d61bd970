// swift-tools-version: 6.2
import PackageDescription

// The kit comes with Assay. `make` says where it is on this machine; the other path is that of the machine on which the
// project was made, so that `swift build` and editors work there without it.
let kit = Context.environment["ASSAY_SWIFT_KIT"] ?? "{{swift-kit}}"

let package = Package(
  name: "series",
  products: [.library(name: "series", type: .dynamic, targets: ["series"])],
  dependencies: [.package(name: "AssayKit", path: kit)],
  targets: [.target(name: "series", dependencies: [.product(name: "AssayKit", package: "AssayKit")])]
)
