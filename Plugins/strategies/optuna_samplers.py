# /// script
# requires-python = ">=3.10"
# dependencies = ["optuna==5.0.0", "cmaes==0.13.1", "scipy"]
# ///
"""The samplers of Optuna as strategies of experiments (its Gaussian process, which needs PyTorch, is in optuna_gp.py).

A sampler is made anew for each question, with a seed of its own, from the trials on record: an experiment that was
stopped goes on as if it had not been.
"""

import math
from typing import Literal

from assay import Failure, strategy
from assay.strategies import EXHAUSTED, number
from optuna.samplers import (BruteForceSampler, CmaEsSampler, GridSampler, NSGAIIISampler, NSGAIISampler, QMCSampler,
                             RandomSampler, TPESampler)
from optuna_study import ask, distribution


@strategy(objectives=None)
def tpe(space, seed, trial, history, objectives, startup: int = 10, candidates: int = 24, constant_liar: bool = True):
    """Tree-structured Parzen estimation, of one metric or several.

    Multivariate; with conditional parameters, by groups of parameters that exist together.
    """
    grouped = any(parameter.condition for parameter in space.parameters)
    sampler = TPESampler(
        n_startup_trials=startup, n_ei_candidates=candidates, multivariate=True, group=grouped,
        constant_liar=constant_liar, seed=number(seed, trial))
    return ask(sampler, space, history, objectives)


@strategy(objectives=None)
def random(space, seed, trial, history, objectives):
    """Each trial by itself."""
    return ask(RandomSampler(seed=number(seed, trial)), space, history, objectives)


@strategy(conditions=False, choices=False)
def cma_es(space, seed, trial, history, startup: int = 1, population: int = 0, separable: bool = False,
           margin: bool = False, adapt_rate: bool = False):
    """Covariance matrix adaptation: numbers alone, at least two of them.

    population: trials of a generation; 0: as many as the number of parameters suggests
    """
    if sum(not distribution(parameter).single() for parameter in space.parameters) < 2:
        raise Failure("CMA-ES needs at least two parameters", code="optuna.space", retryable=False)
    sampler = CmaEsSampler(
        n_startup_trials=startup, popsize=population or None, use_separable_cma=separable, with_margin=margin,
        lr_adapt=adapt_rate, seed=number(seed, trial))
    return ask(sampler, space, history)


@strategy(conditions=False, objectives=None)
def nsga2(space, seed, trial, history, objectives, population: int = 50, crossover: float = 0.9):
    """NSGA-II: several metrics together, in generations."""
    sampler = NSGAIISampler(population_size=population, crossover_prob=crossover, seed=number(seed, trial))
    return ask(sampler, space, history, objectives)


@strategy(conditions=False, objectives=None)
def nsga3(space, seed, trial, history, objectives, population: int = 50, crossover: float = 0.9, divisions: int = 3):
    """NSGA-III: many metrics together, towards evenly spread reference points."""
    sampler = NSGAIIISampler(
        population_size=population, crossover_prob=crossover, dividing_parameter=divisions, seed=number(seed, trial))
    return ask(sampler, space, history, objectives)


@strategy(conditions=False, objectives=None)
def qmc(space, seed, trial, history, objectives, sequence: Literal["sobol", "halton"] = "sobol", scramble: bool = True):
    """Even coverage by a sequence of Sobol or Halton."""
    # The sequence is that of the experiment, not of the trial; the first point is drawn by lot.
    sampler = QMCSampler(
        qmc_type=sequence, scramble=scramble, seed=number(seed),
        independent_sampler=RandomSampler(seed=number(seed, trial)))
    return ask(sampler, space, history, objectives)


@strategy(continuous=False, objectives=None)
def brute_force(space, seed, trial, history, objectives):
    """Every configuration once, in a random order."""
    return ask(BruteForceSampler(seed=number(seed, trial)), space, history, objectives)


@strategy(conditions=False, objectives=None)
def grid(space, seed, trial, history, objectives, levels: int = 5):
    """Every point of a grid once, in a random order.

    levels: how many values of a range without steps
    """
    axes = {parameter.name: _levels(parameter, levels) for parameter in space.parameters}
    used = {t.memo["trial"]["grid_id"] for t in history if t.memo and "grid_id" in t.memo.get("trial", {})}
    if len(used) == math.prod(map(len, axes.values())):
        return EXHAUSTED
    return ask(GridSampler(axes, seed=number(seed)), space, history, objectives)


def _levels(parameter, count):
    if parameter.kind == "choice":
        return list(parameter.choices)
    if parameter.kind == "ordinal":
        return list(range(len(parameter.choices)))
    if parameter.step:
        steps = int(round((parameter.high - parameter.low) / parameter.step))
        return [parameter.value(parameter.nearest(parameter.low + i * parameter.step)) for i in range(steps + 1)]
    units = [i / (count - 1) if count > 1 else 0.5 for i in range(max(count, 1))]
    if parameter.log:
        return [parameter.nearest(parameter.low * (parameter.high / parameter.low) ** unit) for unit in units]
    return [parameter.nearest(parameter.low + unit * (parameter.high - parameter.low)) for unit in units]

