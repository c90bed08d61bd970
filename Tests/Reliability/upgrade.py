"""Stores of other versions, through the commands."""
import hashlib
import os
import sqlite3

from faults import Fault
from project import require


def upgrades(build, expected, step):
    """A store of a newer version is refused by each command, politely and untouched."""
    found = {}
    for name in ["trace.db", "names.db"]:
        project = Fault(build)
        try:
            require(project.assay("run", "w.assay").code == 0, "the undisturbed run fails")
            require(project.assay("artifact", "put", "1:text", "kept/text").code == 0, "put fails")
            path = os.path.join(project.store, name)
            database = sqlite3.connect(path)
            version = database.execute("PRAGMA user_version").fetchone()[0]
            database.execute("PRAGMA user_version = %d" % (version + 1))
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.close()
            with open(path, "rb") as file:
                before = hashlib.sha256(file.read()).digest()
            commands = {
                "trace.db": [["run", "w.assay"], ["runs", "list"], ["runs", "show"], ["artifact", "verify"]],
                "names.db": [["artifact", "list"], ["artifact", "put", "1:text", "b/c"], ["artifact", "gc"],
                             ["artifact", "verify"]]}[name]
            for command in commands:
                end = project.assay(*command)
                require(end.code == 8, name, command, "is not refused:", end)
                words = end.out + end.err
                require("newer version" in words and "update assay" in words and name in words, name, command, end)
                with open(path, "rb") as file:
                    require(hashlib.sha256(file.read()).digest() == before, name, "was touched by", command)
                found["refused"] = found.get("refused", 0) + 1
        finally:
            project.close()
    return found
