"""Completion in the real shells. zsh and fish are tested where they are installed."""

import os
import shutil
import subprocess
import tempfile
import unittest

from terminal import Terminal, assay, report

WORKFLOW = """
assay 1

use "./tool.so" as tool

workflow main {
  in data: int = 1
  step prep = tool.twice(x: data)
  step model = vary(x: prep.y) {
    variant forest = tool.twice()
    variant boost = tool.flaky()
    default forest
  }
  out y: int = model.y
}
"""

# What is typed, then what must be offered (or completed to).
CASES = [
    ("assay co", ["config", "completion"]),
    ("assay runs logs 1 ", ["prep", "model"]),
    ("assay run main.assay --until ", ["prep", "model"]),
    ("assay run main.assay --set model=", ["forest", "boost"]),
    ("assay run main.assay --progress ", ["auto", "live", "plain"]),
    ("assay task show std.text.", ["std.text.greet", "std.text.join"]),
]


class ShellTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="assay-shells-")
        cls.path = cls.folder.name
        os.symlink(os.environ["TOOL"], cls.path + "/tool.so")
        with open(cls.path + "/main.assay", "w") as file:
            file.write(WORKFLOW)
        cls.environment = {"PATH": os.path.dirname(assay()) + ":" + os.environ["PATH"], "ASSAY_CACHE": cls.path + "/cache"}
        subprocess.run(
            [assay(), "run", "main.assay", "--progress", "none"], cwd=cls.path, check=True, capture_output=True,
            env={**os.environ, **cls.environment})
        for shell in ("zsh", "fish"):
            script = subprocess.run([assay(), "completion", shell], capture_output=True, check=True, text=True).stdout
            with open(f"{cls.path}/_{'assay' if shell == 'zsh' else 'fish'}", "w") as file:
                file.write(script)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def offers(self, shell, typed, wanted):
        """Types, presses tab until the shell lists what there is (each in its own way), and looks for what is wanted."""

        def shown():
            words = {word for line in shell.lines for word in line.split()}
            return all(any(word == want or word.endswith("=" + want) for word in words) for want in wanted)

        shell.type("\x15" + typed)
        shell.wait(typed.split()[-1])
        for _ in range(8):
            shell.type("\t")
            for _ in range(10):
                shell.read(0.1)
                if shown():
                    shell.type("\x03")
                    shell.read(0.2)
                    return
        self.fail(f"{wanted} is not offered after {typed!r}:\n" + "\n".join(shell.lines))

    def all_cases(self, arguments, setup):
        shell = Terminal(arguments, self.path, columns=100, rows=40, environment={**self.environment, "PS1": "$ "})
        shell.type(setup + "; echo RE''ADY\n")
        shell.wait("READY")
        for typed, wanted in CASES:
            with self.subTest(shell=arguments[0], typed=typed):
                shell.type("clear\n")
                shell.read(0.2)
                self.offers(shell, typed, wanted)
        os.kill(shell.pid, 9)
        os.waitpid(shell.pid, 0)

    def test_bash(self):
        self.all_cases(["bash", "--norc", "-i"], "source <(assay completion bash)")

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh(self):
        self.all_cases(["zsh", "-f", "-i"], f"PS1='$ '; fpath=({self.path} $fpath); autoload -Uz compinit; compinit -D -u")

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish(self):
        self.all_cases(["fish", "-i", "--no-config"], f"source {self.path}/_fish")


class ManualTests(unittest.TestCase):
    """The pages, by the two programs that read them."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="assay-man-")
        subprocess.run([assay(), "manual", "--output", cls.folder.name], check=True, capture_output=True)
        cls.pages = sorted(os.path.join(cls.folder.name, name) for name in os.listdir(cls.folder.name))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_there_is_a_page_for_every_command(self):
        names = [os.path.basename(page) for page in self.pages]
        for name in ("assay.1", "assay-run.1", "assay-runs-show.1", "assay-completion.1"):
            self.assertIn(name, names)

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_mandoc(self):
        lint = subprocess.run(["mandoc", "-T", "lint", "-W", "style", *self.pages], capture_output=True, text=True)
        self.assertEqual(lint.stdout + lint.stderr, "")

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_groff(self):
        for page in self.pages:
            check = subprocess.run(["groff", "-ww", "-man", "-Tutf8", "-z", page], capture_output=True, text=True)
            self.assertEqual(check.stderr, "", page)


def setUpModule():
    for program in ("zsh", "fish", "mandoc", "groff"):
        if not shutil.which(program):
            report(f"note: {program} is not installed: not tested with it")


if __name__ == "__main__":
    unittest.main()
