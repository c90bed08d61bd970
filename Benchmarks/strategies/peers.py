"""What `strategy-benchmarks` measures, of other libraries: the same sections, the same lines of JSON.

    peers.py SECTION [SEEDS] [--gp]     sections: search asks resumed pruning halving fronts versions
"""

import json
import math
import random
import statistics
import sys
import time
import warnings

import problems as here

TRIALS = 100


def line(**fields):
    print(json.dumps(fields), flush=True)


# Each library as a function from a problem, a seed and a function of points to nothing.


def suggest(trial, parameters):
    point = []
    for parameter in parameters:
        if not parameter.exists(point):
            point.append(-1)
        elif parameter.kind == "float":
            point.append(trial.suggest_float(parameter.name, parameter.low, parameter.high))
        elif parameter.kind == "ordered":
            point.append(trial.suggest_int(parameter.name, 0, parameter.count - 1))
        else:
            point.append(trial.suggest_categorical(parameter.name, list(range(parameter.count))))
    return point


def optuna_with(make):
    def run(problem, seed, evaluate, trials=TRIALS):
        study = optuna.create_study(sampler=make(seed))
        for _ in range(trials):
            trial = study.ask()
            study.tell(trial, evaluate(suggest(trial, problem.parameters)))

    return run


def hyperopt_tpe(problem, seed, evaluate, trials=TRIALS):
    import numpy
    from hyperopt import Trials, fmin, hp, tpe

    def leaf(p):
        if p.kind == "float":
            return hp.uniform(p.name, p.low, p.high)
        return hp.uniformint(p.name, 0, p.count - 1) if p.kind == "ordered" else hp.choice(p.name, list(range(p.count)))

    leaves = {i: leaf(p) for i, p in enumerate(problem.parameters) if not children(problem, i)}

    def node(index):
        parameter = problem.parameters[index]
        below = children(problem, index)
        if not below:
            return leaves[index]
        return hp.choice(
            parameter.name,
            [
                {"at": choice, **{str(i): node(i) for i in below if choice in problem.parameters[i].choices}}
                for choice in range(parameter.count)
            ],
        )

    space = {str(i): node(i) for i, p in enumerate(problem.parameters) if p.parent < 0}

    def flat(chosen, point):
        for key, value in chosen.items():
            if key == "at":
                continue
            if isinstance(value, dict):
                point[int(key)] = value["at"]
                flat(value, point)
            else:
                point[int(key)] = value
        return point

    def objective(chosen):
        point = flat(chosen, [-1] * len(problem.parameters))
        return evaluate([float(x) if p.kind == "float" else int(x) for p, x in zip(problem.parameters, point)])

    fmin(
        objective, space, algo=tpe.suggest, max_evals=trials, trials=Trials(), verbose=False, show_progressbar=False,
        rstate=numpy.random.default_rng(seed),
    )  # fmt: skip


def children(problem, index):
    return [i for i, p in enumerate(problem.parameters) if p.parent == index]


def libraries(gp):
    samplers = optuna.samplers
    found = {
        "optuna tpe": optuna_with(lambda seed: samplers.TPESampler(seed=seed)),
        "optuna nsga2": optuna_with(lambda seed: samplers.NSGAIISampler(seed=seed)),
        "optuna random": optuna_with(lambda seed: samplers.RandomSampler(seed=seed)),
        "hyperopt tpe": hyperopt_tpe,
    }
    if gp:
        found["optuna gp"] = optuna_with(lambda seed: samplers.GPSampler(seed=seed, deterministic_objective=True))
    return found


def search(seeds, gp):
    for problem in here.problems():
        for name, run in libraries(gp).items():
            courses, repeats = [], []
            start = time.process_time()
            for seed in range(seeds):
                regrets, points = [], set()

                def evaluate(point, regrets=regrets, points=points):
                    regret = problem.regret(point)
                    points.add(tuple(point))
                    regrets.append(min(regret, regrets[-1]) if regrets else regret)
                    return regret

                run(problem, seed, evaluate)
                courses.append(regrets)
                repeats.append(len(regrets) - len(points))
            reached = [next((i + 1 for i, r in enumerate(c) if r <= problem.target), TRIALS + 1) for c in courses]
            line(
                problem=problem.name,
                strategy=name,
                half=statistics.median(c[TRIALS // 2 - 1] for c in courses),
                end=statistics.median(c[-1] for c in courses),
                reached=statistics.median(reached),
                repeats=statistics.median(repeats),
                ms=(time.process_time() - start) * 1000 / seeds / TRIALS,
            )


def record(problem, count, seed, regret):
    """Finished trials at random."""
    draw = random.Random(seed)
    distributions = {p.name: optuna.distributions.FloatDistribution(p.low, p.high) for p in problem.parameters}
    trials = []
    for _ in range(count):
        point = [draw.uniform(p.low, p.high) for p in problem.parameters]
        trials.append(
            optuna.trial.create_trial(
                params={p.name: x for p, x in zip(problem.parameters, point)},
                distributions=distributions,
                value=regret(point),
            )
        )
    return trials


def asks(repeats, gp):
    problem = here.FUNCTIONS[1]
    plans = [("tpe", lambda seed: optuna.samplers.TPESampler(seed=seed), [100, 1000, 10_000])]
    if gp:
        plans.append(("gp", lambda seed: optuna.samplers.GPSampler(seed=seed), [100, 300]))
    for name, make, counts in plans:
        for count in counts:
            study = optuna.create_study(sampler=make(1))
            study.add_trials(record(problem, count, 1, problem.regret))
            times = []
            for _ in range(repeats):
                start = time.process_time()
                trial = study.ask()
                suggest(trial, problem.parameters)
                times.append((time.process_time() - start) * 1000)
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
            line(strategy=name, trials=count, ms=statistics.median(times))


def resumed():
    """A study of the same trials and a sampler of the same seed, as one does after a stop: is the next proposal the same?"""
    problem = here.FUNCTIONS[1]
    samplers = {
        "tpe": lambda: optuna.samplers.TPESampler(seed=3),
        "nsga2": lambda: optuna.samplers.NSGAIISampler(seed=3, population_size=20),
        "random": lambda: optuna.samplers.RandomSampler(seed=3),
    }
    for name, make in samplers.items():
        study = optuna.create_study(sampler=make())
        points = []
        for _ in range(40):
            trial = study.ask()
            points.append(suggest(trial, problem.parameters))
            study.tell(trial, problem.regret(points[-1]))
        same = 0
        for cut in range(40):
            again = optuna.create_study(sampler=make())
            again.add_trials(study.trials[:cut])
            same += suggest(again.ask(), problem.parameters) == points[cut]
        line(strategy=name, same=same, asked=40)


def pruning(seeds):
    runs = folds = same = 0
    for problem in here.tables():
        for seed in range(seeds):
            rows = random.Random(seed).sample(range(len(problem.folds)), 60)
            study = optuna.create_study(pruner=optuna.pruners.MedianPruner())
            best = min(sum(problem.folds[row]) for row in rows) / 5
            found = math.inf
            for row in rows:
                trial = study.ask()
                total = 0.0
                for step, error in enumerate(problem.folds[row]):
                    total += error
                    folds += 1
                    trial.report(total / (step + 1), step)
                    if step < 4 and trial.should_prune():
                        study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                        break
                else:
                    study.tell(trial, total / 5)
                    found = min(found, total / 5)
            runs += 1
            same += found <= best + 1e-12
    line(runs=runs, cheaper=runs * 300 / folds, same=same / runs)


def halving(seeds):
    rows = here.curves()
    length = len(rows[0])
    pruners = {
        "asha": lambda: optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
        "hyperband": lambda: optuna.pruners.HyperbandPruner(min_resource=1, max_resource=length, reduction_factor=3),
        "median": lambda: optuna.pruners.MedianPruner(),
    }
    for name, make in pruners.items():
        shares = []
        for seed in range(seeds):
            order = random.Random(seed).sample(rows, len(rows))
            goal = min(row[-1] for row in order[:100])
            study = optuna.create_study(pruner=make(), sampler=optuna.samplers.RandomSampler(seed=seed))
            shares.append(spent(study, order, goal) / (100 * length))
        line(
            rule=name,
            share=statistics.median(min(share, 9) for share in shares),
            reached=sum(math.isfinite(share) for share in shares) / seeds,
        )


def spent(study, curves, goal):
    steps = 0
    for curve in curves:
        trial = study.ask()
        for step, value in enumerate(curve):
            steps += 1
            trial.report(value, step + 1)
            if step + 1 < len(curve) and trial.should_prune():
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                break
        else:
            study.tell(trial, curve[-1])
            if curve[-1] <= goal:
                return steps
    return math.inf


def fronts(seeds):
    for seed in range(seeds):
        sampler = optuna.samplers.NSGAIISampler(seed=seed)
        study = optuna.create_study(directions=["minimize", "minimize"], sampler=sampler)
        found = []
        for _ in range(300):
            trial = study.ask()
            x = [trial.suggest_float(f"x{i}", 0, 1) for i in range(10)]
            g = 1 + 9 * sum(x[1:]) / 9
            found.append((x[0], g * (1 - math.sqrt(x[0] / g))))
            study.tell(trial, list(found[-1]))
        line(strategy="nsga2", seed=seed, volume=hypervolume(found, (1.1, 6)))


def hypervolume(points, reference):
    volume, height = 0.0, reference[1]
    for x, y in sorted(p for p in points if p[0] < reference[0]):
        if y < height:
            volume += (reference[0] - x) * (height - y)
            height = y
    return volume


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    section = sys.argv[1]
    numbers = [int(a) for a in sys.argv[2:] if a.isdigit()]
    seeds = numbers[0] if numbers else 20
    gp = "--gp" in sys.argv
    if section == "versions":
        import hyperopt

        line(optuna=optuna.__version__, hyperopt=hyperopt.__version__)
    elif section in ("search", "asks"):
        globals()[section](seeds, gp)
    elif section == "resumed":
        resumed()
    else:
        globals()[section](seeds)
