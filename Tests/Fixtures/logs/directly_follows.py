"""How often one activity directly follows another in the cases of an event log: what process mining begins with, written
down again with Python's own library alone. usage: directly_follows.py LOG [start|end]: by what events of a case are ordered."""
import collections
import datetime
import json
import sys
import xml.etree.ElementTree as tree


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def of_ocel(path):
    log = json.load(open(path))
    types = {one["id"]: one["type"] for one in log["objects"]}
    cases = collections.defaultdict(list)
    for event in log["events"]:
        attributes = {one["name"]: one["value"] for one in event["attributes"]}
        end = moment(event["time"])
        start = moment(attributes["start_timestamp"]) if "start_timestamp" in attributes else end
        for relation in event["relationships"]:
            if types[relation["objectId"]] == "line":
                cases[relation["objectId"]].append((start, end, event["type"]))
    return cases


def of_xes(path):
    cases = collections.defaultdict(list)
    space = "{http://www.xes-standard.org/}"
    for trace in tree.parse(path).getroot().iter(space + "trace"):
        name = next(one.get("value") for one in trace.findall(space + "string") if one.get("key") == "concept:name")
        for event in trace.findall(space + "event"):
            values = {one.get("key"): one.get("value") for one in event}
            cases[name].append((moment(values["start_timestamp"]), moment(values["time:timestamp"]), values["concept:name"]))
    return cases


def main():
    path, order = sys.argv[1], (sys.argv + ["start"])[2]
    counts = collections.Counter()
    for events in (of_xes if path.endswith(".xes") else of_ocel)(path).values():
        events.sort(key=lambda event: event[0 if order == "start" else 1])
        counts.update((before[2], after[2]) for before, after in zip(events, events[1:]))
    print(json.dumps({f"{a} > {b}": count for (a, b), count in sorted(counts.items())}))


main()
