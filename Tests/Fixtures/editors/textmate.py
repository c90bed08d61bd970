"""Colours documents with a TextMate grammar as VS Code does, on the same regular expression engine (Oniguruma).

usage: textmate.py GRAMMAR FILE…    prints {file: [[line, column, text, [scope, …]], …]}, both from 0, in characters
"""
import json
import sys

import onigurumacffi


class Grammar:
    def __init__(self, grammar):
        self.repository = grammar["repository"]
        self.root = {"name": grammar["scopeName"], "patterns": grammar["patterns"]}
        self.compiled = {}

    def regex(self, text):
        if text not in self.compiled:
            self.compiled[text] = onigurumacffi.compile(text)
        return self.compiled[text]

    def rules(self, patterns, seen=()):
        """The rules with a match of their own, includes unfolded."""
        for pattern in patterns:
            name = pattern.get("include", "")
            if name.startswith("#"):
                if name not in seen:
                    target = self.repository[name[1:]]
                    is_rule = "match" in target or "begin" in target
                    yield from [target] if is_rule else self.rules(target["patterns"], (*seen, name))
            elif "match" in pattern or "begin" in pattern:
                yield pattern
            else:
                yield from self.rules(pattern["patterns"], seen)

    def tokens(self, text):
        stack = [(self.root, [self.root["name"]])]
        for number, line in enumerate(text.split("\n")):
            yield from self.line(number, line + "\n", stack)

    def line(self, number, line, stack):
        at = 0
        while at < len(line):
            rule, scopes = stack[-1]
            best = None
            if "end" in rule:
                best = (self.regex(rule["end"]).search(line, at), None)
                best = best if best[0] else None
            for candidate in self.rules(rule.get("patterns", [])):
                found = self.regex(candidate.get("match") or candidate["begin"]).search(line, at)
                if found and (best is None or found.start() < best[0].start()):
                    best = (found, candidate)
            if best is None:
                break
            found, candidate = best
            yield from self.piece(number, line, at, found.start(), scopes)
            if candidate is None:
                stack.pop()
                yield from self.captured(number, line, found, scopes, rule.get("endCaptures", {}))
            elif "match" in candidate:
                inner = scopes + [candidate["name"]] if "name" in candidate else scopes
                yield from self.captured(number, line, found, inner, candidate.get("captures", {}))
            else:
                inner = scopes + [candidate["name"]] if "name" in candidate else scopes
                yield from self.captured(number, line, found, inner, candidate.get("beginCaptures", {}))
                stack.append((candidate, inner))
            if found.end() == at == found.start() and candidate is not None:
                yield from self.piece(number, line, at, at + 1, scopes)
                at += 1
            at = max(at, found.end())
        else:
            return
        yield from self.piece(number, line, at, len(line), scopes)

    def piece(self, number, line, start, end, scopes):
        if line[start:end].strip("\n"):
            yield [number, start, line[start:end], scopes]

    def captured(self, number, line, found, scopes, captures):
        """A match, cut into the pieces that its groups name; later groups win."""
        names = [scopes] * (found.end() - found.start())
        for group, capture in sorted(captures.items(), key=lambda item: int(item[0])):
            start, end = found.span(int(group))
            for place in range(max(start, found.start()), end):
                names[place - found.start()] = names[place - found.start()] + [capture["name"]]
        start = 0
        for place in range(1, len(names) + 1):
            if place == len(names) or names[place] != names[start]:
                yield from self.piece(number, line, found.start() + start, found.start() + place, names[start])
                start = place


def main():
    grammar = Grammar(json.load(open(sys.argv[1], encoding="utf-8")))
    result = {}
    for path in sys.argv[2:]:
        text = open(path, encoding="utf-8", newline="").read().replace("\r\n", "\n")
        result[path] = list(grammar.tokens(text))
    print(json.dumps(result))


main()
