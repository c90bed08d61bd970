# /// script
# requires-python = ">=3.9"
# dependencies = ["hyperopt==0.3.0"]
# ///
"""The algorithms of hyperopt as strategies of experiments: one metric, any space.

Hyperopt's suggestions are functions of a seed and of the trials so far; the trials are made anew for each question.
"""

import math

import numpy
from assay import strategy
from assay.strategies import Proposal, number
from hyperopt import STATUS_FAIL, STATUS_OK, Trials, anneal, hp, rand
from hyperopt import tpe as parzen
from hyperopt.base import JOB_STATE_DONE, Domain


@strategy
def tpe(space, seed, trial, history, startup: int = 20, candidates: int = 24, gamma: float = 0.25):
    """Tree-structured Parzen estimation, each parameter by itself."""

    def suggest(*question):
        return parzen.suggest(*question, n_startup_jobs=startup, n_EI_candidates=candidates, gamma=gamma, verbose=False)

    return _ask(suggest, "TPE", space, seed, trial, history)


@strategy
def annealing(space, seed, trial, history, average_best: float = 2.0, shrink: float = 0.1):
    """Ever nearer to one of the best trials."""

    def suggest(*question):
        return anneal.suggest(*question, avg_best_idx=average_best, shrink_coef=shrink)

    return _ask(suggest, "annealing", space, seed, trial, history)


@strategy
def random(space, seed, trial, history):
    """Each trial by itself."""
    return _ask(rand.suggest, "random search", space, seed, trial, history)


def _ask(suggest, what, space, seed, trial, history):
    domain = Domain(lambda configuration: 0.0, _expression(space))
    trials = Trials()
    told = [each for each in history if each.state in ("finished", "failed", "pruned")]
    trials.insert_trial_docs([_told(each, space, domain) for each in told])
    trials.refresh()
    document = suggest([trial], domain, trials, number(seed, trial))[0]
    drawn = {name: values[0] for name, values in document["misc"]["vals"].items() if values}
    return Proposal(space.complete(lambda p: _value(p, drawn[p.name])), "hyperopt's %s" % what)


def _expression(space):
    """Nested choices: hyperopt knows a condition as a place inside of a choice."""
    inside = {}
    for parameter in space.parameters:
        if parameter.condition:
            inside.setdefault(parameter.condition[0], []).append(parameter)

    def expression(parameter):
        if not parameter.is_listed or parameter.name not in inside:
            return _range(parameter)
        nodes = {child.name: expression(child) for child in inside[parameter.name]}
        return hp.choice(parameter.name, [
            dict({"": choice}, **{child.name: nodes[child.name] for child in inside[parameter.name]
                                  if choice in child.condition[1]}) for choice in parameter.choices])

    return {p.name: expression(p) for p in space.parameters if not p.condition}


def _range(parameter):
    if parameter.kind == "choice":
        return hp.choice(parameter.name, list(parameter.choices))
    low, high = _ends(parameter)
    if parameter.log:
        return hp.loguniform(parameter.name, math.log(low), math.log(high))
    return hp.uniform(parameter.name, low, high)


def _ends(parameter):
    """Half a step outside, so that the first and the last are as likely as the others."""
    if parameter.kind == "ordinal":
        return -0.5, len(parameter.choices) - 0.5
    half = (parameter.step or 0) / 2
    low = parameter.low - half
    return (low if low > 0 or not parameter.log else parameter.low / 2), parameter.high + half


def _value(parameter, drawn):
    if parameter.kind == "choice":
        return parameter.choices[int(drawn)]
    if parameter.kind == "ordinal":
        return parameter.choices[min(max(int(round(drawn)), 0), len(parameter.choices) - 1)]
    return parameter.nearest(float(drawn))


def _told(trial, space, domain):
    is_good = trial.state == "finished"
    values = {name: [] for name in domain.params}
    for name, value in trial.configuration.items():
        values[name] = [int(space[name].coordinate(value)) if space[name].is_listed else value]
    # Limits first: what is beyond them is worse than all within.
    loss = trial.value if trial.violation == 0 else numpy.finfo(float).max / 1e10 * (1 + trial.violation)
    return {
        "tid": trial.number, "spec": None, "exp_key": None, "owner": None, "version": 0, "book_time": None,
        "refresh_time": None, "state": JOB_STATE_DONE,
        "result": {"status": STATUS_OK, "loss": loss} if is_good else {"status": STATUS_FAIL},
        "misc": {"tid": trial.number, "cmd": None, "workdir": None, "vals": values,
                 "idxs": {name: [trial.number] if found else [] for name, found in values.items()}},
    }
