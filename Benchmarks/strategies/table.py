"""Assay's strategies beside other libraries on the same problems, on this machine; one table of medians.

    table.py STRATEGY_BENCHMARKS PYTHON [SEEDS] [--gp] [--peers FILE]

PYTHON is the interpreter of an environment with requirements.txt. `--gp` adds Optuna's Gaussian process, for which the
environment needs PyTorch. `--peers FILE` keeps what the others printed, and takes it from there the next time: a table again
after a change of ours need not wait for them.
"""

import json
import os
import statistics
import subprocess
import sys

import problems

HERE = os.path.dirname(os.path.abspath(__file__))
# What the bars are: docs/strategies.md. Regret after 100 trials.
TPE = {"branin": 0.05, "hartmann6": 0.20, "ackley5": 7.5, "levy5": 0.8, "rosenbrock4": 40}
GP = {"branin": 0.001, "hartmann6": 0.05}
TITLES = {"branin": "Branin", "hartmann6": "Hartmann-6", "ackley5": "Ackley-5", "levy5": "Levy-5"}
TITLES["rosenbrock4"] = "Rosenbrock-4"


def lines(text):
    return [json.loads(each) for each in text.splitlines()]


def run(*command):
    print("…", *(os.path.basename(each) for each in command[:3]), file=sys.stderr, flush=True)
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stderr[-2000:]}")
    return done.stdout


class Sides:
    def __init__(self, binary, python, seeds, gp, kept):
        self.binary, self.python, self.seeds, self.kept = binary, python, seeds, kept
        self.gp = ["--gp"] if gp else []
        self.known = {}
        if kept and os.path.exists(kept):
            with open(kept) as file:
                self.known = json.load(file)

    def ours(self, section):
        return lines(run(self.binary, section, HERE, str(self.seeds)))

    def peers(self, section):
        name = f"{section} {self.seeds} {' '.join(self.gp)}".strip()
        if name not in self.known:
            script = os.path.join(HERE, "peers.py")
            self.known[name] = lines(run(self.python, script, section, str(self.seeds), *self.gp))
            if self.kept:
                with open(self.kept, "w") as file:
                    json.dump(self.known, file)
        return self.known[name]


def agree(binary):
    """Both sides compute the same functions and read the same tables."""
    mine = {problem.name: problem for problem in problems.problems()}
    compared = 0
    for line in lines(run(binary, "points", HERE)):
        problem = mine[line["problem"]]
        for a, b in [(problem.target, line["target"]), (problem.regret(line["point"]), line["regret"])]:
            if abs(a - b) > 1e-9 * max(1, abs(a)):
                raise SystemExit(f"{problem.name} is not the same in Swift and Python at {line['point']}: {b}, {a}")
            compared += 1
    return compared


def number(value):
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3f}" if value >= 0.0005 or value == 0 else f"{value:.5f}"


class Table:
    def __init__(self, columns):
        print(f"| | {' | '.join(columns)} | bar | |")
        print("|---|" + "---|" * (len(columns) + 2))

    def row(self, title, cells, bar="", reached=None):
        verdict = "" if reached is None else "reached" if reached else "not reached"
        print(f"| {title} | {' | '.join(cells)} | {bar} | {verdict} |", flush=True)


def named(found, names, text=number):
    """`TPE 0.03, GP 0.001` of what was measured."""
    return ", ".join(f"{title} {text(found[name])}" for name, title in names if name in found)


OURS = [("tpe", "TPE"), ("gp", "GP")]
OPTUNA = [("optuna tpe", "TPE"), ("optuna gp", "GP"), ("optuna nsga2", "NSGA-II")]
OTHERS = [("hyperopt tpe", "hyperopt TPE"), ("random", "random")]


def searching(table, sides):
    found = {}
    for line in sides.ours("search") + sides.peers("search"):
        found.setdefault(line["problem"], {})[line["strategy"]] = line
    for name, title in TITLES.items():
        ends = {strategy: line["end"] for strategy, line in found[name].items()}
        bars = [f"TPE ≤ {TPE[name]}"] + ([f"GP ≤ {GP[name]}"] if name in GP else [])
        reached = ends["tpe"] <= TPE[name] and ends["gp"] <= GP.get(name, float("inf"))
        cells = [named(ends, OURS), named(ends, OPTUNA), named(ends, OTHERS)]
        table.row(f"{title}, regret after 100 trials", cells, ", ".join(bars), reached)
    tables = [name for name in found if name not in TITLES]
    for name in tables:
        reached = {strategy: line["reached"] for strategy, line in found[name].items()}
        cells = [named(reached, OURS, short), named(reached, OPTUNA, short), named(reached, grid(OTHERS), short)]
        table.row(f"`{name}`, trials to the top 1 %", cells)
    mean = {
        strategy: statistics.mean(found[name][strategy]["reached"] for name in tables)
        for strategy in found[tables[0]]
        if all(strategy in found[name] for name in tables)
    }
    cells = [named(mean, OURS), named(mean, OPTUNA), named(mean, grid(OTHERS))]
    title = f"mean of the {len(tables)} tables"
    table.row(title, cells, "TPE below Optuna's", mean["tpe"] < mean["optuna tpe"])
    repeats = {
        strategy: statistics.mean(found[name][strategy]["repeats"] for name in tables) for strategy in mean
    }
    cells = [named(repeats, OURS, short), named(repeats, OPTUNA, short), "hyperopt TPE " + short(repeats["hyperopt tpe"])]
    table.row("repeats among 100 trials, tables", cells, "none", repeats["tpe"] == repeats["gp"] == 0)


def grid(names):
    return names + [("grid", "grid")]


def short(value):
    return "> 100" if value > 100 else f"{value:g}" if value == round(value) else f"{value:.1f}"


def asking(table, sides):
    ours = {(line["strategy"], line["trials"]): line["ms"] for line in sides.ours("asks")}
    theirs = {(line["strategy"], line["trials"]): line["ms"] for line in sides.peers("asks")}
    bars = {("tpe", 100): 1, ("tpe", 1000): 3, ("tpe", 10_000): 25, ("gp", 100): 30, ("gp", 300): 200}
    for (strategy, trials), bar in bars.items():
        mine, other = ours[strategy, trials], theirs.get((strategy, trials))
        table.row(
            f"ask of {strategy.upper()} at {trials:,} trials, processor time",
            [f"{mine:.2f} ms", f"{other:.1f} ms ({other / mine:.0f} ×)" if other else "", ""],
            f"≤ {bar} ms",
            mine <= bar,
        )


def repeating(table, sides):
    ours = sides.ours("resumed")
    theirs = {line["strategy"]: line for line in sides.peers("resumed")}
    same, asked = (sum(line[key] for line in ours) for key in ("same", "asked"))
    cells = [f"{same} of {asked} ({len(ours)} strategies)"]
    cells.append(", ".join(f"{title} {theirs[name]['same']} of {theirs[name]['asked']}" for name, title in PLAIN))
    table.row("next proposal the same after a stop, at every cut", cells + [""], "all", same == asked)
    for line in sides.ours("large"):
        title = f"2 of {line['count']:,} configurations, {line['strategy']}"
        table.row(title, [f"{line['ms']:.4f} ms", "", ""], "< 1 ms", line["ms"] < 1)


PLAIN = [("tpe", "TPE"), ("random", "random"), ("nsga2", "NSGA-II")]


def stopping(table, sides):
    mine, other = sides.ours("pruning")[0], sides.peers("pruning")[0]
    cells = [f"{each['cheaper']:.2f} × cheaper, {each['same'] * 100:.1f} % the same winner" for each in (mine, other)]
    reached = mine["cheaper"] >= 1.9 and mine["same"] >= 0.98
    table.row(f"median rule on folds, {mine['runs']} runs of 60 trials", cells + [""], "≥ 1.9 ×, ≥ 98 %", reached)
    theirs = {line["rule"]: line for line in sides.peers("halving")}
    titles = {"asha": "successive halving (ASHA)", "hyperband": "Hyperband", "median": "median rule"}
    for line in sides.ours("halving"):
        sides_of_rule = (line, theirs[line["rule"]])
        cells = [f"{share(each['share'])}, in {each['reached'] * 100:.0f} % of runs" for each in sides_of_rule]
        bar = {"asha": ("≤ 0.25", line["share"] <= 0.25)}.get(line["rule"], ("", None))
        table.row(f"{titles[line['rule']]} on curves: cost to random search's best", cells + [""], *bar)


def share(value):
    return "> 3 ×" if value > 3 else f"{value:.3f} ×"


def fronting(table, sides):
    volumes = {}
    for who, found in (("", sides.ours("fronts")), ("optuna ", sides.peers("fronts"))):
        for line in found:
            volumes.setdefault(who + line["strategy"], []).append(line["volume"])
    wins = sum(a > b for a, b in zip(volumes["nsga2"], volumes["random"]))
    medians = {name: statistics.median(found) for name, found in volumes.items()}
    cells = [f"{number(medians['nsga2'])}, above random {wins} of {sides.seeds}"]
    cells += [number(medians["optuna nsga2"]), f"random {number(medians['random'])}"]
    table.row("NSGA-II, hypervolume of ZDT1-10 after 300 trials", cells, "above random", wins >= 0.9 * sides.seeds)


def main():
    arguments = sys.argv[1:]
    gp = "--gp" in arguments
    kept = arguments[arguments.index("--peers") + 1] if "--peers" in arguments else None
    plain = [each for each in arguments if not each.startswith("--") and each != kept]
    sides = Sides(plain[0], plain[1], int(plain[2]) if len(plain) > 2 else 20, gp, kept)
    compared = agree(sides.binary)
    versions = sides.peers("versions")[0]
    print(
        f"{sides.seeds} seeds, medians; {compared} values of the problems computed on both sides are the same; "
        f"hyperopt {versions['hyperopt']}\n"
    )
    table = Table(["Assay", f"Optuna {versions['optuna']}", "others"])
    for section in (searching, asking, repeating, stopping, fronting):
        section(table, sides)


main()
