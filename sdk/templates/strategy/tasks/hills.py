"""A strategy of one's own, and something to search in."""

import math

from assay import strategy, task
from assay.strategies import Proposal, generator


@task(pure=True, deterministic=True)
def height(x: float, y: float) -> float:
    """Hills, the highest of which is near (0.7, 0.3)."""
    bumps = math.sin(9 * x) * math.cos(7 * y)
    return round(bumps - 3 * (x - 0.7) ** 2 - 3 * (y - 0.3) ** 2, 9)


@strategy
def climb(space, seed, trial, history, reach: float = 0.2):
    """From the best trial a step in a random direction; every fourth trial begins anywhere."""
    draws = generator(seed, trial)
    finished = [each for each in history if each.state == "finished"]
    if not finished or trial % 4 == 0:
        return Proposal(space.sample(draws), "anywhere")
    best = min(finished, key=lambda each: each.value)  # less is better, whatever the metric is

    def step(parameter):
        if parameter.is_listed:
            return draws.choice(parameter.choices)
        # A parameter that exists only with another choice may be missing in the best trial.
        start = best.configuration.get(parameter.name, parameter.low)
        far = reach * (parameter.high - parameter.low)
        return parameter.value(parameter.nearest(start + draws.uniform(-far, far)))

    return Proposal(space.complete(step), "near trial %d" % best.number)
