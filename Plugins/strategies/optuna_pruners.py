# /// script
# requires-python = ">=3.10"
# dependencies = ["optuna==5.0.0", "cmaes==0.13.1", "scipy"]
# ///
"""The pruners of Optuna as pruning rules of experiments.

A pruner is made anew for each step of a trial, from the curves on record. It judges by trials that finished, as Optuna does:
those that were stopped early count for successive halving alone.
"""

from assay import judge
from optuna.pruners import BasePruner, MedianPruner, PercentilePruner, SuccessiveHalvingPruner, WilcoxonPruner
from optuna_study import judged


@judge
def median(curve, trial, history, startup: int = 5, warmup: int = 0, interval: int = 1, least: int = 1):
    """Stops what is, at its best so far, worse than the median of what others had shown at the same step.

    startup: finished trials that have to come before; warmup: steps that every trial may go; interval: steps from one
    judgement to the next; least: trials that have to have come to the step
    """
    pruner = MedianPruner(startup, warmup, interval, n_min_trials=least)
    return judged(pruner, curve, trial, history, "worse than the median")


@judge
def percentile(curve, trial, history, percent: float = 25.0, startup: int = 5, warmup: int = 0, interval: int = 1):
    """Stops what is, at its best so far, not among the best `percent` at the same step."""
    pruner = PercentilePruner(percent, startup, warmup, interval)
    return judged(pruner, curve, trial, history, "not among the best %g %%" % percent)


@judge
def successive_halving(curve, trial, history, first: int = 1, factor: int = 4, late: int = 0):
    """Asynchronous successive halving: at rungs all but the best go no further.

    first: the first rung, in steps; factor: the next rung is that many times as far, and one of that many goes on; late:
    rungs that are left out at the beginning
    """
    pruner: BasePruner = SuccessiveHalvingPruner(first, factor, late)
    rungs = []
    rung = first * factor ** late
    while rung <= max([len(curve)] + [len(each.curve) for each in history]):
        rungs.append(rung)
        rung *= factor
    return judged(pruner, curve, trial, history, "not among the best at its rung", rungs)


@judge
def wilcoxon(curve, trial, history, p: float = 0.1, startup: int = 2, means: bool = True):
    """Stops what the signed-rank test of Wilcoxon finds worse than the best trial, step by step.

    p: below this the difference is believed; startup: steps before anything is judged; means: the curve is the mean of
    items so far, as that of a `foreach` is: the items are compared
    """
    pruner = WilcoxonPruner(p_threshold=p, n_startup_steps=startup)
    return judged(pruner, curve, trial, history, "worse than the best trial, step by step (p < %g)" % p, items=means)
