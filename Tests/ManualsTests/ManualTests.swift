import Manuals
import Testing
import Values

private let tool: JSON = [
  "command": [
    "commandName": "tool", "abstract": "Does things.",
    "discussion":
      "One paragraph\nof `text`.\n\nAnother.\n\nEXAMPLES:\n  tool go -- .x  'quoted' \\ back\n\n  tool stop",
    "arguments": [],
    "subcommands": [
      [
        "commandName": "go", "abstract": "Go.",
        "arguments": [
          ["kind": "positional", "valueName": "file", "isOptional": false, "isRepeating": true, "abstract": "What."],
          [
            "kind": "option", "valueName": "n", "isOptional": true, "defaultValue": "3", "abstract": "How – many.",
            "names": [["kind": "long", "name": "count"], ["kind": "short", "name": "c"]],
          ],
          ["kind": "flag", "names": [["kind": "long", "name": "hidden"]], "shouldDisplay": false],
        ],
      ]
    ],
  ]
]

@Suite struct ManualTests {
  @Test func theTreeIsRead() throws {
    let manual = try #require(CommandManual(tool: tool))
    #expect(manual.all.map(\.page) == ["tool", "tool-go"])
    let go = try #require(manual.find(["go"]))
    #expect(go.optionNames == ["-c", "--count"])
    #expect(go.arguments.map(\.kind) == [.positional, .option])
    #expect(manual.find(["stop"]) == nil)
    #expect(CommandManual(tool: ["no": "tool"]) == nil)
  }

  @Test func pagesAreRoff() throws {
    let manual = try #require(CommandManual(tool: tool))
    #expect(
      manual.roff(version: "1.0", date: "2026-01-02") == #"""
        .TH "TOOL" "1" "2026-01-02" "tool 1.0" "tool manual"
        .SH "NAME"
        tool \- does things
        .SH "SYNOPSIS"
        \fBtool\fR \fIcommand\fR
        .SH "DESCRIPTION"
        One paragraph of \(gatext\(ga.
        .PP
        Another.
        .SH "COMMANDS"
        .TP
        \fBtool\-go\fR(1)
        Go.
        .SH "EXAMPLES"
        .nf
        tool go \-\- .x  \(aqquoted\(aq \e back
        \&
        tool stop
        .fi
        .SH "SEE ALSO"
        \fBtool\-go\fR(1)

        """#)
    let go = try #require(manual.find(["go"])?.roff(version: "1.0", date: "2026-01-02"))
    #expect(go.contains(".SH \"SYNOPSIS\"\n\\fBtool go\\fR \\fIfile\\fR ... [\\fIoptions\\fR]\n"))
    #expect(go.contains(".TP\n\\fB\\-c\\fR, \\fB\\-\\-count\\fR \\fIn\\fR\nHow \\[u2013] many. Default: 3.\n"))
  }
}
