"""What strategies of experiments are written with; ``@strategy`` says how."""

from ._strategy import EXHAUSTED, WAIT, Parameter, Proposal, Space, Trial, generator, number, strategy

__all__ = ["EXHAUSTED", "Parameter", "Proposal", "Space", "Trial", "WAIT", "generator", "number", "strategy"]
