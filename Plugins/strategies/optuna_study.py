"""One question to a sampler of Optuna: the study is made anew from the history, and what the sampler hides in it travels in memos."""

import logging
import warnings
from typing import Any, Dict, List, Optional, Sequence

import optuna
from assay.strategies import Parameter, Proposal, Space, Trial
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

optuna.logging.set_verbosity(logging.ERROR)
warnings.filterwarnings("ignore", module="optuna")

STATES = {"finished": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "failed": TrialState.FAIL,
          "running": TrialState.RUNNING}


def distribution(parameter: Parameter) -> BaseDistribution:
    if parameter.kind == "choice":
        return CategoricalDistribution(parameter.choices)
    if parameter.kind == "ordinal":
        return IntDistribution(0, len(parameter.choices) - 1)
    # Optuna has no logarithmic scale with steps: `external` goes to the nearest one.
    step = None if parameter.log else parameter.step
    if parameter.kind == "int":
        return IntDistribution(int(parameter.low), int(parameter.high), log=parameter.log, step=int(step or 1))
    return FloatDistribution(parameter.low, parameter.high, log=parameter.log, step=step)


def internal(parameter: Parameter, value: Any) -> Any:
    return parameter.choices.index(value) if parameter.kind == "ordinal" else value


def external(parameter: Parameter, value: Any) -> Any:
    if parameter.kind == "ordinal":
        return parameter.choices[value]
    return value if parameter.kind == "choice" else parameter.nearest(value)


def ask(sampler: optuna.samplers.BaseSampler, space: Space, history: List[Trial], objectives: int = 1) -> Proposal:
    """What the sampler proposes after these trials. It has to be made for this question: with a seed of its trial."""
    study = optuna.create_study(directions=["minimize"] * objectives, sampler=sampler)
    distributions = {parameter.name: distribution(parameter) for parameter in space.parameters}
    for trial in history:
        if trial.state != "excluded":
            recall(study, space, distributions, trial)
    known = dict(study._storage.get_study_system_attrs(study._study_id))
    asked = study.ask()
    configuration = space.complete(
        lambda parameter: external(parameter, asked._suggest(parameter.name, distributions[parameter.name])))
    # What TPE repeats of the parameters is on record as they are.
    own = {name: value for name, value in study._storage.get_trial_system_attrs(asked._trial_id).items()
           if not name.startswith("tpe:")}
    # Lists of trials that a generation was chosen from are a cache, and found again.
    shared = {name: value for name, value in study._storage.get_study_system_attrs(study._study_id).items()
              if known.get(name) != value and not isinstance(value, list)}
    memo = {name: part for name, part in (("study", shared), ("trial", own)) if part}
    return Proposal(configuration, reason(sampler, own), memo or None)


def recall(study: optuna.Study, space: Space, distributions: Dict[str, BaseDistribution], trial: Trial) -> None:
    memo = trial.memo or {}
    attributes = dict(memo.get("trial", {}))
    if trial.state == "finished" and trial.violation > 0:
        attributes["constraints"] = [trial.violation]
    names = list(trial.configuration)
    study.add_trial(optuna.trial.create_trial(
        state=STATES[trial.state], values=trial.values[:len(study.directions)] if trial.state == "finished" else None,
        params={name: internal(space[name], trial.configuration[name]) for name in names},
        distributions={name: distributions[name] for name in names}, system_attrs=attributes,
        intermediate_values=dict(enumerate(trial.curve))))
    for name, value in memo.get("study", {}).items():
        study._storage.set_study_system_attr(study._study_id, name, value)


def reason(sampler: optuna.samplers.BaseSampler, attributes: Dict[str, Any]) -> str:
    name = type(sampler).__name__.replace("Sampler", "")
    generations = [value for key, value in attributes.items() if key.endswith("generation")]
    return "Optuna's %s%s" % (name, ", generation %d" % generations[0] if generations else "")


def judged(pruner: optuna.pruners.BasePruner, curve: List[float], number: int, history: List[Trial], words: str,
           rungs: Sequence[int] = (), items: bool = False) -> Optional[str]:
    """Why the pruner stops a trial after what it has shown, if it does. Steps count from 1."""
    study = optuna.create_study(direction="minimize", pruner=pruner)
    for trial in history:
        if trial.number != number and trial.state in ("finished", "pruned"):
            value = trial.value if trial.state == "finished" else None
            study.add_trial(_shown(STATES[trial.state], value, trial.curve, rungs, items))
    # The rung that the trial has just come to is the pruner's to find.
    study.add_trial(_shown(TrialState.RUNNING, None, curve, [rung for rung in rungs if rung < len(curve)], items))
    if not pruner.prune(study, study.get_trials(deepcopy=False)[-1]):
        return None
    return "Optuna's %s: %s at step %d" % (type(pruner).__name__.replace("Pruner", ""), words, len(curve))


def _shown(state: TrialState, value: Optional[float], curve: Sequence[float], rungs: Sequence[int],
           items: bool) -> optuna.trial.FrozenTrial:
    steps = dict(enumerate(_items(curve) if items else curve, 1))
    # How successive halving remembers what a trial had at its rungs.
    passed = {"completed_rung_%d" % place: curve[rung - 1] for place, rung in enumerate(rungs) if rung <= len(curve)}
    return optuna.trial.create_trial(state=state, value=value, intermediate_values=steps, system_attrs=passed)


def _items(means: Sequence[float]) -> List[float]:
    """What the means so far are the means of."""
    return [mean * n - (means[n - 2] * (n - 1) if n > 1 else 0.0) for n, mean in enumerate(means, 1)]
