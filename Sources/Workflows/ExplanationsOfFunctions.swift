extension Explanations {
  /// Manifests of functions: E09…, W09…. The examples are TOML.
  static let ofFunctions: [Explanation] = [
    Explanation(
      "E0901", "the manifest is not TOML",
      """
      A `*.functions.toml` is a TOML 1.0 document: texts have quotation marks, a table in braces stands in
      one line, each `name = value` has a line of its own.
      """,
      wrong: "[library.m]\nso = libm.so.6",
      right: "[library.m]\nso = \"libm.so.6\"\n[[function]]\nsymbol = \"sin\""),
    Explanation(
      "E0902", "an unknown or misplaced entry of a manifest",
      """
      A manifest has `plugin`, `version`, `license`, `doc`, `[types]`, `[library.NAME]`, `[struct.NAME]` and
      `[[function]]`; each of them has the entries that docs/functions.md lists.
      """,
      wrong: "[library.m]\npath = \"libm.so.6\"\n[[function]]\nsymbol = \"sin\"",
      right: "[library.m]\nso = \"libm.so.6\"\n[[function]]\nsymbol = \"sin\""),
    Explanation(
      "E0903", "a C type that cannot be bound",
      """
      Scalars, structs of them, a pointer to either, and pointers to functions can be bound. Other names of
      scalars are declared in `[types]`. Pointers to pointers, unions, bit-fields and `long double` need a small
      plugin in C.
      """,
      wrong:
        "[library.z]\nso = \"libz.so.1\"\n[[function]]\nsymbol = \"crc32\"\nparams = [{ name = \"crc\", c = \"uLong\" }]",
      right:
        "[types]\nuLong = \"unsigned long\"\n[library.z]\nso = \"libz.so.1\"\n[[function]]\nsymbol = \"crc32\"\n"
        + "params = [{ name = \"crc\", c = \"uLong\" }]"),
    Explanation(
      "E0904", "a name in a manifest that nothing has",
      """
      `library` names a `[library.NAME]`; expressions name integer parameters, arrays in `len(x)` and `dim(x, 0)`,
      and the named dimensions of input tensors.
      """,
      wrong:
        "[library.m]\nso = \"libm.so.6\"\n[[function]]\nsymbol = \"f\"\n"
        + "params = [{ name = \"x\", c = \"double*\", dir = \"out\", len = \"m\" }]",
      right:
        "[library.m]\nso = \"libm.so.6\"\n[[function]]\nsymbol = \"f\"\n"
        + "params = [{ name = \"x\", c = \"double*\", dir = \"out\", len = \"m\" }, { name = \"m\", c = \"int\" }]"),
    Explanation(
      "E0905", "a pointer whose size or direction is not said",
      """
      C does not tell how many elements a pointer points to, and a wrong length corrupts memory. An array has `len`
      or `shape`, a single value `by = "ref"`, a result `dir = "out"`.
      """,
      wrong:
        "[library.m]\nso = \"libm.so.6\"\n[[function]]\nsymbol = \"f\"\n"
        + "params = [{ name = \"x\", c = \"const double*\" }]",
      right:
        "[library.m]\nso = \"libm.so.6\"\n[[function]]\nsymbol = \"f\"\n"
        + "params = [{ name = \"x\", c = \"const double*\", len = \"n\" }]"),
    Explanation(
      "E0906", "an expression of a manifest that means nothing",
      """
      Lengths and computed values are whole numbers made with + - * / %, comparisons, min, max, len(x), dim(x, 0) and
      the integer parameters that are known before the call. `ok` is a comparison with a number or null.
      """,
      wrong:
        "[library.m]\nso = \"libm.so.6\"\n[[function]]\nsymbol = \"f\"\n"
        + "params = [{ name = \"n\", c = \"int\", value = \"2 *\" }]",
      right:
        "[library.m]\nso = \"libm.so.6\"\n[[function]]\nsymbol = \"f\"\n"
        + "params = [{ name = \"n\", c = \"int\", value = \"2 * 8\" }]"),
    Explanation(
      "E0907", "two things of one name in a manifest",
      """
      The ids of functions, the names of a function's parameters, its outputs and the fields of a struct are unique.
      """,
      wrong:
        "[library.m]\nso = \"libm.so.6\"\n[[function]]\nsymbol = \"sin\"\n[[function]]\nsymbol = \"sin\"",
      right:
        "[library.m]\nso = \"libm.so.6\"\n[[function]]\nsymbol = \"sin\"\n[[function]]\nid = \"sine\"\nsymbol = \"sin\""
    ),
    Explanation(
      "E0908", "a library or function that is not there",
      """
      `so` is opened as the system's loader does: a plain name is searched (LD_LIBRARY_PATH, the system's folders), a path
      is relative to the manifest. `symbol` is the name in its table (`nm -D FILE`): in Fortran usually in lower case
      with an underscore behind it, in C++ mangled.
      """,
      wrong: "[library.m]\nso = \"libm.so.6\"\n[[function]]\nsymbol = \"sinus\"",
      right: "[library.m]\nso = \"libm.so.6\"\n[[function]]\nsymbol = \"sin\""),
    Explanation(
      "E0909", "a declaration that differs from the C header",
      """
      `assay plugin check --functions` has the C compiler compare each declaration with the `header` of its library. A call
      through a wrong declaration gives nonsense or destroys memory, silently.
      """,
      wrong:
        "[library.m]\nso = \"libm.so.6\"\nheader = \"math.h\"\n[[function]]\nsymbol = \"sqrt\"\n"
        + "params = [{ name = \"x\", c = \"float\" }]\nreturns = { c = \"double\" }",
      right:
        "[library.m]\nso = \"libm.so.6\"\nheader = \"math.h\"\n[[function]]\nsymbol = \"sqrt\"\n"
        + "params = [{ name = \"x\", c = \"double\" }]\nreturns = { c = \"double\" }"),
    Explanation(
      "E0910", "a declaration that differs from the debug information",
      """
      A library that was built with `-g`, or whose debug package is installed, knows the real signatures of its functions.
      `assay plugin check --functions` compares number, width, kind and pointers of the parameters and the result.
      """,
      wrong:
        "[library.l]\nso = \"./libl.so\"\n[[function]]\nsymbol = \"scale\"\n"
        + "params = [{ name = \"x\", c = \"float\" }]",
      right:
        "[library.l]\nso = \"./libl.so\"\n[[function]]\nsymbol = \"scale\"\n"
        + "params = [{ name = \"x\", c = \"double\" }]"),
    Explanation(
      "W0901", "a declaration that could not be compared",
      """
      The library names no `header` that declares the function, and has no debug information: nothing but the manifest says
      what the function takes. Name a header, install the debug package, or read the documentation twice.
      """,
      wrong: "[library.l]\nso = \"./libl.so\"\n[[function]]\nsymbol = \"scale\"",
      right: "[library.l]\nso = \"./libl.so\"\nheader = \"l.h\"\n[[function]]\nsymbol = \"scale\""),
  ]
}
