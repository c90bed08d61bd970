"""The interpreters of this machine, and a cached environment with numpy, pandas and pyarrow."""

import glob
import os
import subprocess
import sys
import tempfile

_PROBE = ("import sys, sysconfig as s, os; l = os.path.join(s.get_config_var('LIBDIR') or '', s.get_config_var("
          "'INSTSONAME') or ''); print('%d.%d' % sys.version_info[:2]); print(l if s.get_config_var("
          "'Py_ENABLE_SHARED') and os.path.isfile(l) else '')")


def probe(python):
    """(version, shared libpython or "") of an interpreter, or None when it cannot run or is too old."""
    try:
        out = subprocess.run([python, "-I", "-c", _PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    version, library = out.stdout.decode().split("\n")[:2]
    return (version, library) if tuple(map(int, version.split("."))) >= (3, 8) else None


def _find():
    found = {}
    candidates = [sys.executable, "/usr/bin/python3"]
    candidates += sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin/python")))
    for python in candidates:
        known = probe(python)
        if known is not None:
            found.setdefault(known[0], (python, known[1]))
    return found


_found = None


def all_of_them():
    """{"3.11": (executable, libpython or "")}: one interpreter of each version."""
    global _found
    if _found is None:
        _found = _find()
    return _found


def with_numpy():
    """The python of an environment with numpy, pandas and pyarrow, made once; None when that is impossible."""
    home = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.join(tempfile.gettempdir(), "assay-test-cache"),
                        "python-env-%d.%d" % sys.version_info[:2])
    python = os.path.join(home, "bin", "python")
    check = [python, "-c", "import numpy, pandas, pyarrow"]
    if not os.path.exists(python) or subprocess.call(check, stderr=subprocess.DEVNULL):
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True, stdout=subprocess.DEVNULL)
            subprocess.run([python, "-m", "pip", "install", "-q", "numpy", "pandas", "pyarrow"], check=True)
            subprocess.run(check, check=True)
        except (OSError, subprocess.CalledProcessError):
            return None
    return python
