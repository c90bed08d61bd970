import Glibc

/// What `Tests/Fuzz/Driver/driver.c` calls: the target by its name (the environment has it), with one input after another.
private let chosen: FuzzTarget? = getenv("ASSAY_FUZZ_TARGET").flatMap { FuzzTarget.named(String(cString: $0)) }

@_cdecl("assay_fuzz_knows")
func assayFuzzKnows() -> Int32 { chosen == nil ? 0 : 1 }

@_cdecl("assay_fuzz_one")
func assayFuzzOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) {
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  do { try chosen?.run(input) } catch {
    print("broken promise: \(error)")
    fflush(nil)
    abort()
  }
}
