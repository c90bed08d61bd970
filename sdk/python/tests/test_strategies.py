"""Strategies: what they declare, what they are told, and what becomes of their answers."""

import unittest

from tests.support import engine  # noqa: F401  (finds the package)

from assay import Context, DeclarationError, judge, strategy
from assay._errors import ContractError
from assay.strategies import EXHAUSTED, WAIT, Parameter, Proposal, Space, generator, number
from assay.testing import run

SPACE = Space([
    Parameter("learn", "choice", choices=("logistic", "newton")),
    Parameter("learn.newton.seed", "int", 1, 5, step=2, condition=("learn", ("newton",))),
    Parameter("share", "float", 0.2, 0.4, step=0.1),
    Parameter("rate", "float", 0.001, 1, log=True),
    Parameter("depth", "ordinal", choices=("2", "8")),
], ["share < 0.4"])
HISTORY = [
    dict(trial=1, point=[0, None, 0.3, 0.5, 1], state="finished", values=[0.25], violation=0.0, curve=[], memo='{"n":4}'),
    dict(trial=2, point=[1, 3, 0.2, 0.1, 0], state="running", values=[], violation=0.0, curve=[0.5], memo=""),
]


def ask(function, **more):
    return run(function, space=SPACE, **more)


def inputs(function):
    return {port["name"]: port["type"] for port in function.__assay_task__.describe()["inputs"]}


class StrategyTests(unittest.TestCase):
    def test_the_history_is_in_words(self):
        seen = {}

        @strategy
        def told(ctx: Context, space, history, trial, seed, reach: float = 0.5):
            ctx.log("thinking")
            seen.update(space=space, history=history, trial=trial, seed=seed, reach=reach)
            return space.sample(generator(seed, trial))

        ask(told, history=HISTORY, trial=3, seed=7)
        self.assertEqual([p.name for p in seen["space"].parameters], [p.name for p in SPACE.parameters])
        self.assertEqual(seen["space"]["learn.newton.seed"].condition, ("learn", ("newton",)))
        self.assertEqual(seen["space"].constraints, ["share < 0.4"])
        first, second = seen["history"]
        self.assertEqual(first.configuration, {"learn": "logistic", "share": 0.3, "rate": 0.5, "depth": "8"})
        self.assertEqual((first.value, first.memo, first.state), (0.25, {"n": 4}, "finished"))
        self.assertEqual(second.configuration["learn.newton.seed"], 3)
        self.assertEqual((second.value, second.memo, second.curve), (float("inf"), None, [0.5]))
        self.assertEqual((seen["trial"], seen["seed"], seen["reach"]), (3, 7, 0.5))

    def test_answers(self):
        answers = {
            1: {"learn": "newton", "learn.newton.seed": 5, "share": 0.4, "rate": 0.01, "depth": "2"},
            2: Proposal({"learn": "logistic"}, "why not", {"b": 1, "a": [2]}), 3: WAIT, 4: EXHAUSTED,
        }

        @strategy
        def answer(space, trial):
            return answers[trial]

        self.assertEqual(ask(answer, trial=1)["point"], [1, 5, 0.4, 0.01, 0])
        self.assertEqual(ask(answer, trial=2), {
            "point": [0, None, None, None, None], "reason": "why not", "memo": '{"a":[2],"b":1}', "answer": "propose"})
        self.assertEqual(ask(answer, trial=3)["answer"], "wait")
        self.assertEqual(ask(answer, trial=4)["answer"], "exhausted")
        for nonsense, error in [({"larn": "x"}, ValueError), ({"learn": "x"}, ValueError), ({"rate": "x"}, ValueError),
                                (7, ContractError), (None, ContractError)]:
            answers[5] = nonsense
            with self.assertRaises(error):
                ask(answer, trial=5)

    def test_what_it_does_not_know_is_not_in_its_types(self):
        @strategy
        def everything(space, objectives, trials):
            return EXHAUSTED

        @strategy(conditions=False, choices=False, continuous=False, objectives=None)
        def little(space, objectives):
            return EXHAUSTED

        self.assertIn('kind: enum("float", "int", "ordinal", "choice")', inputs(everything)["space"])
        self.assertIn("condition: {parameter: int, choices: list<int>}?", inputs(everything)["space"])
        self.assertIn("step: float?", inputs(everything)["space"])
        self.assertEqual((inputs(everything)["objectives"], inputs(everything)["trials"]), ("int(1..1)", "int?"))
        self.assertIn('kind: enum("float", "int", "ordinal")', inputs(little)["space"])
        self.assertNotIn("condition", inputs(little)["space"])
        self.assertIn("step: float,", inputs(little)["space"])
        self.assertEqual(inputs(little)["objectives"], "int(1..)")
        self.assertEqual(everything.__assay_task__.describe()["flags"], ["pure", "idempotent"])

    def test_mistakes_are_told_at_once(self):
        with self.assertRaisesRegex(DeclarationError, "takes `space`"):
            strategy(lambda trial: None)
        with self.assertRaisesRegex(DeclarationError, "it has no default"):
            @strategy
            def given(space, seed=3):
                return EXHAUSTED
        with self.assertRaisesRegex(DeclarationError, "needs an annotation"):
            @strategy
            def bare(space, reach):
                return EXHAUSTED

    def test_points_and_configurations_are_the_same(self):
        for trial in range(200):
            configuration = SPACE.sample(generator(1, trial))
            point = SPACE.point(configuration)
            self.assertEqual(SPACE.configuration(point), configuration)
            self.assertEqual("learn.newton.seed" in configuration, configuration["learn"] == "newton")
            self.assertIn(configuration.get("learn.newton.seed", 1), (1, 3, 5))
            self.assertTrue(0.001 <= configuration["rate"] <= 1)

    def test_random_numbers_are_of_the_trial(self):
        self.assertEqual(generator(1, 2).random(), generator(1, 2).random())
        self.assertEqual(len({number(s, t, w) for s in range(5) for t in range(5) for w in ("", "a")}), 50)
        self.assertTrue(0 <= number(3) < 2**32)

    def test_values_that_look_the_same_are_told_apart(self):
        raw = SPACE.encoded(["name", "kind", "low", "high", "step", "log", "choices", "condition"])
        raw["parameters"][0]["choices"] = ["long…", "long…"]
        self.assertEqual(Space.decoded(raw).parameters[0].choices, ("long…", "long… #2"))


class JudgeTests(unittest.TestCase):
    def test_what_it_is_told(self):
        seen = {}

        @judge
        def told(curve, history, trial, seed, space, limit: float = 0.5):
            seen.update(curve=curve, history=history, trial=trial, seed=seed, limit=limit, space=space)

        run(told, curve=[0.5, float("nan")], history=HISTORY, trial=3, seed=7, space=SPACE)
        self.assertEqual(seen["curve"][0], 0.5)
        self.assertNotEqual(seen["curve"][1], seen["curve"][1])
        self.assertEqual([t.curve for t in seen["history"]], [[], [0.5]])
        self.assertEqual(seen["history"][0].configuration["learn"], "logistic")
        self.assertEqual((seen["trial"], seen["seed"], seen["limit"]), (3, 7, 0.5))

    def test_without_the_space_configurations_are_not_known(self):
        @judge
        def curves(curve, history):
            return "%r" % [t.configuration for t in history]

        self.assertEqual(run(curves, curve=[1.0], history=HISTORY), {"prune": True, "reason": "[{}, {}]"})

    def test_answers(self):
        answers = {1: "too slow", 2: None, 3: True, 4: "", 5: " "}

        @judge
        def answer(curve, trial):
            return answers[trial]

        self.assertEqual(run(answer, curve=[1.0], trial=1), {"prune": True, "reason": "too slow"})
        self.assertEqual(run(answer, curve=[1.0], trial=2), {"prune": False, "reason": ""})
        for trial in (3, 4, 5):
            with self.assertRaises(ContractError):
                run(answer, curve=[1.0], trial=trial)

    def test_a_judge_takes_the_curve(self):
        with self.assertRaisesRegex(DeclarationError, "a judge takes `curve`"):
            @judge
            def blind(history):
                return None


if __name__ == "__main__":
    unittest.main()
