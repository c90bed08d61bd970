"""What a person sees and does on a terminal, with the real program."""

import os
import signal
import tempfile
import time
import unittest

from terminal import Terminal, assay

WORKFLOW = """
assay 1

use "./tool.so" as tool

workflow main {
  in go: string
  step first = tool.twice(x: 4)
  step many = tool.hold(x: i, path: fmt("{}{}", go, i)) foreach i in range(4) max 2
  step hold = tool.hold(x: first.y, path: go)
  step last = tool.twice(x: hold.y)
  out n: int = last.y
}
"""


class LiveTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="assay-pty-")
        self.path = self.folder.name
        os.symlink(os.environ["TOOL"], self.path + "/tool.so")
        self.write("hold.assay", WORKFLOW)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text=""):
        with open(f"{self.path}/{name}", "w") as file:
            file.write(text)

    def run_it(self, *more, **options):
        arguments = [assay(), "run", "hold.assay", "--set", f"go={self.path}/go", "--parallel", "4", *more]
        return Terminal(arguments, self.path, **options)

    def line(self, terminal, start):
        """The words of the only line that starts so."""
        found = [line for line in terminal.lines if line.startswith(start)]
        self.assertEqual(len(found), 1, terminal.lines)
        return found[0].split()

    def test_counts_and_lines_above(self):
        terminal = self.run_it()
        terminal.wait("many   running").wait("hold   running")
        self.assertEqual(self.line(terminal, "▸ many")[3], "0/4")
        self.write("go0")
        terminal.wait(lambda: any("▸ many" in line and "1/4" in line for line in terminal.lines), "1/4")
        self.assertTrue(any(line == "hold | holding" for line in terminal.transcript), terminal.transcript)
        for index in range(1, 4):
            self.write(f"go{index}")
        self.write("go")
        self.assertEqual(terminal.end(), 0)
        self.assertEqual(self.line(terminal, "✔ many")[3], "4/4")
        self.assertIn("n = 16", terminal.lines)
        region = [line for line in terminal.transcript if line.startswith("▸ ")]
        self.assertEqual(region, [], "no frame is left behind")

    def test_the_window_changes_its_size(self):
        terminal = self.run_it(columns=90, rows=24)
        terminal.wait("many   running").wait("hold   running")
        terminal.resize(40, 10)
        # Every row fits the new width, and the region is there once.
        terminal.wait(lambda: sum("hold" in line and "running" in line for line in terminal.lines) == 1, "one region")
        terminal.read(0.5)
        self.assertTrue(all(len(line) < 40 for line in terminal.lines), terminal.lines)
        terminal.resize(100, 30)
        for index in range(4):
            self.write(f"go{index}")
        self.write("go")
        self.assertEqual(terminal.end(), 0)
        self.assertEqual(self.line(terminal, "✔ many")[3], "4/4")

    def test_ctrl_c_once_lets_tasks_end_and_says_how_to_go_on(self):
        terminal = self.run_it()
        terminal.wait("hold   running")
        terminal.type("\x03")
        terminal.wait("stopping: nothing new begins")
        for index in range(4):
            self.write(f"go{index}")
        self.write("go")
        self.assertEqual(terminal.end(), 130)
        self.assertTrue(any("assay run hold.assay --resume 1" in line for line in terminal.lines), terminal.lines)
        self.assertFalse(any("^C" in line for line in terminal.lines), terminal.lines)

    def test_ctrl_c_twice_kills(self):
        terminal = self.run_it()
        terminal.wait("hold   running")
        terminal.type("\x03")
        terminal.wait("stopping: nothing new begins")
        terminal.type("\x03")
        self.assertEqual(terminal.end(), 130)
        self.assertTrue(any("killing what runs" in line for line in terminal.transcript), terminal.transcript)

    def test_ctrl_z_gives_the_terminal_back(self):
        # A shell with job control, as a person has one.
        shell = Terminal(["bash", "--norc", "--noediting", "-i"], self.path, environment={"PS1": "$ "})
        shell.wait("$")
        shell.type(f"'{assay()}' run hold.assay --set go={self.path}/go --parallel 4\n")
        shell.wait("hold   running")
        shell.type("\x1a")
        shell.wait("Stopped")
        self.assertFalse(any("running" in line and "hold   " in line for line in shell.lines), shell.lines)
        shell.type("echo in the shell\n")
        shell.wait(lambda: "in the shell" in shell.lines, "the shell's answer")
        shell.type("fg\n")
        shell.wait("hold   running")
        self.assertIn("in the shell", shell.transcript, "what the shell printed is left alone")
        for index in range(4):
            self.write(f"go{index}")
        self.write("go")
        shell.wait("n = 16")
        shell.type("exit\n")
        shell.end()

    def test_what_earlier_runs_took_says_what_is_left(self):
        # A first run in which the task takes a while.
        first = self.run_it("--no-reuse")
        for index in range(4):
            self.write(f"go{index}")
        first.wait("hold   running")
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            first.read(0.2)
        self.write("go")
        self.assertEqual(first.end(), 0)
        os.remove(self.path + "/go")
        second = self.run_it("--no-reuse")
        second.wait("left")
        left = next(line for line in second.lines if "left" in line)
        self.assertRegex(left, r"about [1-9]\d*s left")
        self.write("go")
        self.assertEqual(second.end(), 0)

    def test_long_output_goes_through_the_pager_only_on_a_terminal(self):
        pager = {"ASSAY_PAGER": "sed s/^/PAGED:/"}
        terminal = Terminal([assay(), "explain"], self.path, rows=10, environment=pager)
        self.assertEqual(terminal.end(), 0)
        self.assertTrue(any(line.startswith("PAGED:E0") for line in terminal.transcript), terminal.transcript)
        for arguments in (["explain", "--no-pager"], ["explain", "--json"], ["version"]):
            terminal = Terminal([assay(), *arguments], self.path, rows=10, environment=pager)
            self.assertEqual(terminal.end(), 0)
            self.assertFalse(any("PAGED" in line for line in terminal.transcript), arguments)
        missing = Terminal([assay(), "explain"], self.path, rows=10, environment={"PAGER": "no-such-pager-here"})
        self.assertEqual(missing.end(), 0)
        self.assertTrue(any(line.startswith("E0") for line in missing.transcript))

    def test_colour_is_for_terminals_that_want_it(self):
        cases = [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"CLICOLOR": "0"}, False)]
        for environment, colored in cases:
            terminal = Terminal([assay(), "task", "shwo"], self.path, environment=environment)
            self.assertEqual(terminal.end(), 2)
            self.assertEqual(b"\x1b[" in terminal.raw, colored, environment)


if __name__ == "__main__":
    unittest.main()
