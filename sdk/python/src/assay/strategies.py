"""What strategies and pruning rules of experiments are written with; ``@strategy`` and ``@judge`` say how."""

from ._strategy import EXHAUSTED, WAIT, Parameter, Proposal, Space, Trial, generator, judge, number, strategy

__all__ = ["EXHAUSTED", "Parameter", "Proposal", "Space", "Trial", "WAIT", "generator", "judge", "number", "strategy"]
