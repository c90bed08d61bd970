#!/usr/bin/env python3
"""How long an editor waits for `assay lsp` on a large document: from a keystroke to its diagnostics, and for answers.

Each edit renames a step that another one refers to, so there is always a mistake to find and a suggestion to make.

usage: latency.py ASSAY [STEPS]
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time


class Server:
    def __init__(self, assay, folder):
        self.process = subprocess.Popen([assay, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        self.number = 0
        self.told = {}

    def processor_time(self):
        """Milliseconds of all its threads so far."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return 1e3 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def send(self, **message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def receive(self):
        length = 0
        while (line := self.process.stdout.readline()) != b"\r\n":
            if not line:
                sys.exit("the server ended")
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        message = json.loads(self.process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.told[message["params"].get("version")] = message["params"]["diagnostics"]
        return message

    def request(self, method, **params):
        self.number += 1
        self.send(id=self.number, method=method, params=params)
        while (message := self.receive()).get("id") != self.number or "method" in message:
            pass
        return message["result"]

    def diagnostics(self, version):
        while version not in self.told:
            self.receive()
        return self.told[version]


def document(steps):
    lines = ["assay 1", "use std.text as text", "workflow large {", '  in name: string = "x"']
    lines += [f"  step s{i} = text.letters(text: {f's{i - 1}.text' if i else 'name'})" for i in range(steps)]
    return "\n".join(lines + [f"  out text: string = s{steps - 1}.text", "}", ""])


def main():
    assay, steps = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    text = document(steps)
    uri = "untitled:large"
    with tempfile.TemporaryDirectory() as folder:
        server = Server(assay, folder)
        server.request("initialize", processId=None, rootUri="file://" + folder, capabilities={})
        server.send(method="initialized", params={})
        started = time.perf_counter()
        server.send(method="textDocument/didOpen", params={"textDocument": {"uri": uri, "languageId": "assay", "version": 1, "text": text}})
        found = server.diagnostics(1)
        print(f"{steps} steps, {len(text) // 1024} KiB, {len(found)} diagnostics")
        print(f"{'opened':28}{1e3 * (time.perf_counter() - started):9.0f} ms")
        place = {"line": 4 + steps // 2, "character": 20}
        about = {"textDocument": {"uri": uri}, "position": place}
        times = {}

        def measure(name, call):
            started = time.perf_counter()
            call()
            times.setdefault(name, []).append(1e3 * (time.perf_counter() - started))

        for version in range(2, 12):
            change = {"range": {"start": {"line": place["line"], "character": 7}, "end": {"line": place["line"], "character": 7}}, "text": "x"}

            def edit():
                server.send(method="textDocument/didChange", params={"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]})

            edit()
            measure("edit, then completion", lambda: server.request("textDocument/completion", **about))
            measure("hover", lambda: server.request("textDocument/hover", **about))
            server.diagnostics(version)
            if version > 4:
                continue
            measure("outline", lambda: server.request("textDocument/documentSymbol", textDocument={"uri": uri}))
            measure("all colours", lambda: server.request("textDocument/semanticTokens/full", textDocument={"uri": uri}))
            measure("references", lambda: server.request("textDocument/references", **about, context={"includeDeclaration": True}))
        used = server.processor_time()
        for version in range(12, 112):
            # Typed and taken back in turn.
            back = {"range": {"start": change["range"]["start"], "end": {"line": place["line"], "character": 8}}, "text": ""}

            def change_and_wait():
                changes = [change if version % 2 == 0 else back]
                server.send(method="textDocument/didChange", params={"textDocument": {"uri": uri, "version": version}, "contentChanges": changes})
                server.diagnostics(version)

            measure("keystroke to diagnostics", change_and_wait)
        used = (server.processor_time() - used) / 100
        for name, values in times.items():
            most = sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]
            print(f"{name:28}{statistics.median(values):9.1f} ms   (95 % within {most:.1f} ms)")
        print(f"{'a keystroke, processor time':28}{used:9.1f} ms")
        server.send(id=0, method="shutdown")
        server.send(method="exit")
        server.process.wait()


main()
