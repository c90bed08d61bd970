import Foundation
import Testing
import Values

/// An archive meets names that are known already, with other content: nothing that is here changes its meaning.
@Test func importsDoNotTouchWhatIsKnown() throws {
  let from = try Project(["a.csv": "theirs\n", "b.csv": "the same\n"])
  try from.assay("artifact", "put", "a.csv", "raw/churn", "--tag", "good", "--tag", "new")
  try from.assay("artifact", "promote", "raw/churn", "production", "--reason", "theirs")
  try from.assay("artifact", "put", "b.csv", "raw/same", "--tag", "good")
  #expect(try from.assay("artifact", "export", "-o", "all.tar").exit == 0)

  let here = try Project(["a.csv": "ours\n", "b.csv": "the same\n"])
  try FileManager.default.moveItem(atPath: from.path + "/all.tar", toPath: here.path + "/all.tar")
  try here.assay("artifact", "put", "a.csv", "raw/churn", "--tag", "good")
  try here.assay("artifact", "put", "b.csv", "raw/same")
  let imported = try here.assay("artifact", "import", "all.tar")
  #expect(imported.exit == 0, "\(imported.err)")

  // Version 1 is taken: theirs is the next one, and what is called v1 stays.
  #expect(try here.assay("artifact", "cat", "raw/churn@v1").out == "ours\n")
  #expect(try here.assay("artifact", "cat", "raw/churn@v2").out == "theirs\n")
  // A tag stays where it is; one that is free comes along; stages are for the people here.
  #expect(try here.assay("artifact", "cat", "raw/churn@good").out == "ours\n")
  #expect(try here.assay("artifact", "cat", "raw/churn@new").out == "theirs\n")
  #expect(try here.assay("artifact", "show", "raw/churn@production").exit == 4)
  #expect(imported.err.contains("raw/churn@good"), "\(imported.err)")
  #expect(imported.err.contains("raw/churn@v2: production"), "\(imported.err)")
  // The same content is the same version, which gets the tag.
  #expect(try here.assay("artifact", "cat", "raw/same@good").out == "the same\n")
  #expect(try here.assay("artifact", "show", "raw/same@v2").exit == 4)

  // Once more: nothing new.
  #expect(try here.assay("artifact", "import", "all.tar").exit == 0)
  #expect(try here.assay("artifact", "show", "raw/churn@v3").exit == 4)
  #expect(try here.assay("artifact", "cat", "raw/churn@good").out == "ours\n")
}
