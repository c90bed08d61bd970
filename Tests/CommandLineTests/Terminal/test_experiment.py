"""An experiment on a terminal: drawn in place, and gone without a trace."""

import os
import tempfile
import unittest

from terminal import Terminal, assay

DOCUMENT = """
assay 1

use "./tool.so" as tool

workflow main {
  in x: int(0..1000) = 3
  in go: string = "%s/go"
  step twice = tool.twice(x: x)
  step held = tool.hold(x: twice.y, path: fmt("{}{}", go, x))
  out y: int = held.y
}

experiment tune {
  study main()
  space { x in int 0..40 }
  metrics { y = y minimize }
  stage screen { strategy grid(trials: 5, shuffled: false) }
  gate review after screen {
    ask "Go on?"
    allow continue, stop
  }
  stage more after review { strategy random(trials: 2) }
  budget { trials 20, wall 1h }
}
"""


class ExperimentTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="assay-pty-")
        self.path = self.folder.name
        os.symlink(os.environ["TOOL"], self.path + "/tool.so")
        with open(self.path + "/a.assay", "w") as file:
            file.write(DOCUMENT % self.path)

    def tearDown(self):
        self.folder.cleanup()

    def go(self, *numbers):
        for number in numbers:
            open(f"{self.path}/go{number}", "w").close()

    def run_it(self, *arguments, **options):
        return Terminal([assay(), "exp", *arguments], self.path, **options)

    def clean(self, terminal):
        """The cursor is to be seen, and nothing that was redrawn is left behind."""
        self.assertNotIn(b"\x1b[?25l", terminal.raw)
        self.assertFalse(terminal.screen.cursor.hidden)
        self.assertFalse([line for line in terminal.lines if "━" in line or "┤" in line], terminal.lines)

    def test_budget_curve_board_running_and_gate(self):
        terminal = self.run_it("run", "a.assay", "-j", "2", columns=90, rows=30)
        terminal.wait("▸ trial 1").wait("▸ trial 2")
        terminal.wait("tune · experiment 1 · open · stage screen")
        self.go(0, 1)
        terminal.wait("trials ━").wait("y: best so far 0.0, trial 1").wait("▸ trial 4")
        self.assertTrue(any("┤" in line for line in terminal.lines), terminal.lines)
        self.assertTrue(any(line.split()[:3] == ["1", "1", "0.0"] for line in terminal.lines), terminal.lines)
        terminal.resize(50, 12)
        terminal.wait(lambda: any(len(line) < 50 and "x=3" in line for line in terminal.lines), "redrawn")
        terminal.resize(90, 30)
        self.go(2, 3, 4)
        self.assertEqual(terminal.end(), 5)
        self.assertTrue(any("waits at gate `review`" in line for line in terminal.lines), terminal.lines)
        self.clean(terminal)

    def test_interrupt_leaves_a_clean_terminal(self):
        terminal = self.run_it("run", "a.assay", "-j", "2", rows=24)
        terminal.wait("▸ trial 2")
        terminal.type("\x03")
        self.assertEqual(terminal.end(), 130)
        self.assertTrue(any("stopping: it can go on later" in line for line in terminal.transcript), terminal.transcript)
        self.clean(terminal)

    def test_stop_key_gives_the_terminal_back(self):
        shell = Terminal(["bash", "--norc", "--noediting", "-i"], self.path, rows=24, environment={"PS1": "$ "})
        shell.wait("$")
        shell.type(f"'{assay()}' exp run a.assay -j 1\n")
        shell.wait("▸ trial 1")
        shell.type("\x1a")
        shell.wait("Stopped")
        self.assertFalse([line for line in shell.lines if "▸ trial" in line or "━" in line], shell.lines)
        shell.type("fg\n")
        shell.wait("▸ trial 1")
        shell.type("\x03")
        shell.wait("stopping: it can go on later")
        shell.type("exit\n")
        self.assertEqual(shell.end(), 130)

    def test_plain_lines_and_watching(self):
        terminal = self.run_it("run", "a.assay", "-j", "1", "--plain")
        terminal.wait("▸ trial 1: ")
        self.assertNotIn(b"\x1b[2K", terminal.raw)
        watcher = self.run_it("status", "--watch", rows=24)
        watcher.wait("tune · experiment 1").wait("▸ trial 1")
        self.go(0)
        watcher.wait("best so far 0.0, trial 1").wait("▸ trial 2")
        watcher.type("\x03")
        self.assertEqual(watcher.end(), 130)
        self.clean_watcher = [line for line in watcher.lines if "┤" in line]
        self.assertEqual(self.clean_watcher, [])
        terminal.type("\x03")
        self.assertEqual(terminal.end(), 130)


if __name__ == "__main__":
    unittest.main()
