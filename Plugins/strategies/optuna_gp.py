# /// script
# requires-python = ">=3.10"
# dependencies = ["optuna==5.0.0", "scipy", "torch"]
# ///
"""Optuna's Gaussian process as a strategy of experiments. A file of its own: PyTorch is large."""

from assay import strategy
from assay.strategies import number
from optuna.samplers import GPSampler
from optuna_study import ask


@strategy(conditions=False, objectives=None)
def gp(space, seed, trial, history, objectives, startup: int = 10, noiseless: bool = False):
    """A Gaussian process with expected improvement, of one metric or several.

    noiseless: the same configuration always measures the same
    """
    sampler = GPSampler(n_startup_trials=startup, deterministic_objective=noiseless, seed=number(seed, trial))
    return ask(sampler, space, history, objectives)
