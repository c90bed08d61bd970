"""Strategies of experiments: what is tried next, as a function of the space, the seed and the trials so far. And judges: which
trials are stopped early.

    from assay import strategy

    @strategy
    def around_the_best(space, seed, trial, history, reach: float = 0.1):
        ...
        return {"x": 0.3, "learn": "newton"}

    @judge
    def slow_starter(curve, history):
        return "slow" if len(curve) == 3 and curve[-1] > 0.9 else None
"""

import hashlib
import json
import random
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from . import _task
from ._annotations import Unsupported
from ._errors import ContractError, DeclarationError
from ._types import Bool, Enum, Float, Int, ListOf, Member, OptionalOf, Record, String, Type


class Parameter(NamedTuple):
    """One dimension of a space."""

    name: str
    kind: str  # "float", "int", "ordinal" (listed, in order) or "choice" (listed, without one)
    low: float = 0.0  # ends belong to it; of what is listed: 0 and the place of the last
    high: float = 1.0
    step: Optional[float] = None  # None: any number between the ends
    log: bool = False
    choices: Tuple[str, ...] = ()  # of what is listed
    condition: Optional[Tuple[str, Tuple[str, ...]]] = None  # (parameter, choices): exists only where that has one of these

    @property
    def is_listed(self) -> bool:
        return self.kind in ("ordinal", "choice")

    def nearest(self, value: float) -> float:
        """The number of a range that is nearest to ``value``."""
        if self.step:
            value = self.low + round((value - self.low) / self.step) * self.step
        return min(max(value, self.low), self.high)

    def value(self, coordinate: float) -> Any:
        if self.is_listed:
            return self.choices[int(coordinate)]
        return int(coordinate) if self.kind == "int" else float(coordinate)

    def coordinate(self, value: Any) -> float:
        if not self.is_listed:
            if isinstance(value, (str, bytes)) or not (hasattr(value, "__float__") or hasattr(value, "__index__")):
                raise ValueError("`%s` is a number, not %r" % (self.name, value))
            return float(value)
        if value not in self.choices:
            raise ValueError("`%s` is one of %s, not %r" % (self.name, ", ".join(self.choices), value))
        return float(self.choices.index(value))


class Space:
    """What may be tried: parameters in an order in which each comes after the one that its condition names."""

    def __init__(self, parameters: Sequence[Parameter], constraints: Sequence[str] = ()) -> None:
        self.parameters = list(parameters)
        self.constraints = list(constraints)  # as in the document; the engine keeps them, whatever is proposed

    def __getitem__(self, name: str) -> Parameter:
        return next(p for p in self.parameters if p.name == name)

    def exists(self, parameter: Parameter, configuration: Dict[str, Any]) -> bool:
        """Whether a parameter exists where those before it are as in ``configuration``."""
        if parameter.condition is None:
            return True
        name, choices = parameter.condition
        return configuration.get(name) in choices

    def complete(self, value: Callable[[Parameter], Any]) -> Dict[str, Any]:
        """A configuration of ``value(parameter)`` for each parameter that exists."""
        configuration: Dict[str, Any] = {}
        for parameter in self.parameters:
            if self.exists(parameter, configuration):
                configuration[parameter.name] = value(parameter)
        return configuration

    def sample(self, generator: random.Random) -> Dict[str, Any]:
        """A configuration at random, each parameter uniform on its scale."""

        def draw(parameter: Parameter) -> Any:
            if parameter.is_listed:
                return generator.choice(parameter.choices)
            unit = generator.random()
            if parameter.log:
                number = parameter.low * (parameter.high / parameter.low) ** unit
            else:
                number = parameter.low + unit * (parameter.high - parameter.low)
            return parameter.value(parameter.nearest(number))

        return self.complete(draw)

    def configuration(self, point: Sequence[Optional[float]]) -> Dict[str, Any]:
        return {p.name: p.value(x) for p, x in zip(self.parameters, point) if x is not None}

    def point(self, configuration: Dict[str, Any]) -> List[Optional[float]]:
        """The coordinates of a configuration; raises ValueError."""
        unknown = set(configuration) - {p.name for p in self.parameters}
        if unknown:
            raise ValueError("there is no parameter `%s`" % sorted(unknown)[0])
        return [p.coordinate(configuration[p.name]) if p.name in configuration else None for p in self.parameters]

    # ---- as values of ports ----

    @classmethod
    def decoded(cls, raw: Dict[str, Any]) -> "Space":
        parameters: List[Parameter] = []
        for each in raw["parameters"]:
            fields = dict(each, choices=_distinct(each["choices"]))
            condition = fields.get("condition")
            if condition:
                parent = parameters[condition["parameter"]]
                fields["condition"] = (parent.name, tuple(parent.choices[i] for i in condition["choices"]))
            parameters.append(Parameter(**fields))
        return cls(parameters, raw["constraints"])

    def encoded(self, members: Sequence[str]) -> Dict[str, Any]:
        places = {p.name: i for i, p in enumerate(self.parameters)}
        rows = []
        for each in self.parameters:
            row = each._asdict()
            if each.condition:
                parent = self[each.condition[0]]
                row["condition"] = {"parameter": places[parent.name],
                                    "choices": [parent.choices.index(c) for c in each.condition[1]]}
            if each.is_listed:
                row.update(low=0.0, high=len(each.choices) - 1.0, step=1.0)
            elif each.kind == "int":
                row["step"] = each.step or 1.0
            rows.append({name: row[name] for name in members})
        return {"parameters": rows, "constraints": self.constraints}


def _distinct(names: Sequence[str]) -> Tuple[str, ...]:
    """Long values are shown cut, and may look the same."""
    return tuple(n if n not in names[:i] else "%s #%d" % (n, i + 1) for i, n in enumerate(names))


class Trial:
    """A trial that was proposed before."""

    def __init__(self, space: Optional[Space], raw: Dict[str, Any]) -> None:
        self.number: int = raw["trial"]
        # Of a judge that does not take `space`: empty.
        self.configuration = space.configuration(raw["point"]) if space else {}
        self.state: str = raw["state"]  # running, finished, pruned, failed, or excluded by a person
        self.values: List[float] = raw["values"]  # of a finished trial: one for each objective, less is better
        self.violation: float = raw["violation"]  # by how much limits of metrics are exceeded; 0: within
        self.curve: List[float] = raw["curve"]  # intermediate values of the first objective, less is better
        self._memo: str = raw["memo"]

    @property
    def value(self) -> float:
        return self.values[0] if self.values else float("inf")

    @property
    def memo(self) -> Any:
        """What the strategy wrote when it proposed this trial in this stage, or None."""
        return json.loads(self._memo) if self._memo else None


class Proposal(NamedTuple):
    """What is to be tried, why, and what the strategy wants to find again in the history (anything JSON can say)."""

    configuration: Dict[str, Any]
    reason: str = ""
    memo: Any = None


class _Nothing:
    def __init__(self, word: str) -> None:
        self.word = word

    def __repr__(self) -> str:
        return self.word.upper()


WAIT = _Nothing("wait")  # what runs has to end first
EXHAUSTED = _Nothing("exhausted")  # nothing is left to try


def generator(seed: int, trial: int, stream: str = "") -> random.Random:
    """Random numbers of a trial: the same ones whenever it is asked for."""
    return random.Random(number(seed, trial, stream))


def number(seed: int, trial: int = 0, stream: str = "") -> int:
    """32 bits of seed, trial and stream, for libraries that want a number to begin with."""
    text = "%d/%d/%s" % (seed, trial, stream)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little")


# ---- declaration -----------------------------------------------------------------------------------------------------


class _SpaceType(Record):
    def __init__(self, conditions: bool, choices: bool, continuous: bool) -> None:
        kinds = ("float", "int", "ordinal") + (("choice",) if choices else ())
        fields: List[Tuple[str, Type]] = [
            ("name", String()), ("kind", Enum(kinds)), ("low", Float()), ("high", Float()),
            ("step", OptionalOf(Float()) if continuous else Float()), ("log", Bool()), ("choices", ListOf(String()))]
        if conditions:
            condition = Record([Member("parameter", Int()), Member("choices", ListOf(Int()))])
            fields.append(("condition", OptionalOf(condition)))
        self.fields = [name for name, _ in fields]
        parameter = Record([Member(name, kind) for name, kind in fields])
        super().__init__([Member("parameters", ListOf(parameter)), Member("constraints", ListOf(String()))])

    def encode(self, value: Any, run: Any) -> Any:
        return super().encode(value.encoded(self.fields) if isinstance(value, Space) else value, run)


_POINT = ListOf(OptionalOf(Float()))
_HISTORY = ListOf(Record([
    Member("trial", Int()), Member("point", _POINT),
    Member("state", Enum(("running", "finished", "pruned", "failed", "excluded"))), Member("values", ListOf(Float())),
    Member("violation", Float()), Member("curve", ListOf(Float())), Member("memo", String())]))
_OUTPUTS = [
    _task.Port("point", _POINT, "a coordinate for each parameter, null where it does not exist"),
    _task.Port("memo", String(), "given back with the trial in later histories"),
    _task.Port("reason", String(), "why this point"),
    _task.Port("answer", Enum(("propose", "wait", "exhausted"))),
]


_VERDICT = [
    _task.Port("prune", Bool(), "whether the trial is stopped"),
    _task.Port("reason", String(), "why it is stopped"),
]


class Asked(_task.Task):
    """A task whose inputs say what it wants to know of an experiment."""

    word, needs, gives = "", "", _OUTPUTS

    def __init__(self, function: Callable[..., Any], options: Dict[str, Any], known: Dict[str, Type]) -> None:
        self.known = known
        super().__init__(function, options)
        if not any(port.name == self.needs for port in self.inputs):
            self._complain("a %s takes `%s`" % (self.word, self.needs))

    def _input(self, parameter: Any, scope: Dict[str, Any]) -> _task.Port:
        kind = self.known.get(parameter.name)
        if kind is None:
            return super()._input(parameter, scope)
        if parameter.kind == parameter.POSITIONAL_ONLY or parameter.default is not parameter.empty:
            raise Unsupported("the engine gives it: it has no default and may be given by name")
        return _task.Port(parameter.name, kind, keyword=parameter.kind == parameter.KEYWORD_ONLY)

    def _read_outputs(self) -> None:
        self.outputs = list(self.gives)

    def call(self, *arguments: Any, **given: Any) -> Dict[str, Any]:
        names = [port.name for port in self.inputs if not port.keyword]
        if self.context is not None:
            names.insert(self.context_at, self.context)
        given.update(zip(names, arguments))
        space = None
        if "space" in given:
            space = given["space"] = Space.decoded(given["space"])
        if "history" in given:
            given["history"] = [Trial(space, each) for each in given["history"]]
        return self._said(self.function(**given), space)

    def _said(self, answer: Any, space: Any) -> Dict[str, Any]:
        raise NotImplementedError


class Strategy(Asked):
    word, needs = "strategy", "space"

    def _said(self, answer: Any, space: Any) -> Dict[str, Any]:
        if isinstance(answer, _Nothing):
            return {"point": [], "memo": "", "reason": "", "answer": answer.word}
        if isinstance(answer, dict):
            answer = Proposal(answer)
        if not isinstance(answer, Proposal):
            raise ContractError("%s returns a configuration, a Proposal, WAIT or EXHAUSTED, not %s" % (
                self.id, type(answer).__name__), "point")
        memo = "" if answer.memo is None else json.dumps(answer.memo, sort_keys=True, separators=(",", ":"))
        return {"point": space.point(answer.configuration), "memo": memo, "reason": answer.reason, "answer": "propose"}


class Judge(Asked):
    word, needs, gives = "judge", "curve", _VERDICT

    def _said(self, answer: Any, space: Any) -> Dict[str, Any]:
        if answer is not None and not (isinstance(answer, str) and answer.strip()):
            raise ContractError("%s returns why the trial is stopped, or None, not %r" % (self.id, answer), "prune")
        return {"prune": answer is not None, "reason": answer or ""}


def _options(id: Optional[str], version: str, title: str, doc: Optional[str], deterministic: bool, cpu: float,
             memory: Any, typical_ms: int) -> Dict[str, Any]:
    return {
        "id": id, "version": version, "title": title, "doc": doc, "phase": "", "pure": True,
        "deterministic": deterministic, "idempotent": True, "network": False, "reads_files": False, "spawns": False,
        "resumable": False, "cpu": cpu, "memory": memory, "disk": 0, "device": "", "typical_ms": typical_ms,
        "secrets": (), "output": None,
    }


def _declaring(kind: Any, function: Any, options: Dict[str, Any], known: Dict[str, Type]) -> Any:
    def declare(target: Any) -> Any:
        declared = kind(target, dict(options), known)
        _task.registry.append(declared)
        if declared.errors and not _task.collecting:
            raise DeclarationError("\n".join(declared.errors))
        target.__assay_task__ = declared
        return target

    return declare if function is None else declare(function)


def strategy(
    function: Any = None, *, conditions: bool = True, choices: bool = True, continuous: bool = True,
    objectives: Optional[int] = 1, id: Optional[str] = None, version: str = "1.0.0", title: str = "",
    doc: Optional[str] = None, deterministic: bool = False, cpu: float = 0, memory: Any = 0, typical_ms: int = 0,
) -> Any:
    """Declares a function to be a strategy of experiments.

    The function takes ``space``, and what it wants of ``seed``, ``trial`` (the number of the trial that is asked for),
    ``history`` (the trials so far), ``objectives`` (how many) and ``trials`` (how many the stage makes, or None). All
    other parameters are options, with annotations and defaults as in ``@task``. It returns a configuration (a dict), a
    Proposal, WAIT or EXHAUSTED, and is pure: the same arguments give the same answer; random numbers come from
    ``assay.strategies.generator(seed, trial)``.

    conditions   it knows parameters that exist only for some choices of others
    choices      it knows choices without an order
    continuous   it knows ranges without steps
    objectives   how many metrics it optimises together; None: any number

    An experiment whose space it does not know is refused before anything runs.
    """
    known: Dict[str, Type] = {
        "space": _SpaceType(conditions, choices, continuous), "seed": Int(), "trial": Int(), "history": _HISTORY,
        "objectives": Int(1, objectives), "trials": OptionalOf(Int()),
    }
    options = _options(id, version, title, doc, deterministic, cpu, memory, typical_ms)
    return _declaring(Strategy, function, options, known)


def judge(
    function: Any = None, *, id: Optional[str] = None, version: str = "1.0.0", title: str = "",
    doc: Optional[str] = None, deterministic: bool = False, cpu: float = 0, memory: Any = 0, typical_ms: int = 0,
) -> Any:
    """Declares a function to be a pruning rule: whether a trial that runs is stopped early.

    The function takes ``curve`` (what the trial has shown so far, step by step, less is better), and what it wants of
    ``trial`` (its number), ``seed``, ``history`` (trials with their curves) and ``space``. All other parameters are
    options, with annotations and defaults as in ``@task``. It is asked after each step, and returns why the trial is
    stopped (a text), or None: it goes on. It is pure: the same arguments give the same answer; random numbers come from
    ``assay.strategies.generator(seed, trial)``.
    """
    known: Dict[str, Type] = {
        "curve": ListOf(Float()), "trial": Int(), "seed": Int(), "history": _HISTORY,
        "space": _SpaceType(True, True, True),
    }
    options = _options(id, version, title, doc, deterministic, cpu, memory, typical_ms)
    return _declaring(Judge, function, options, known)
