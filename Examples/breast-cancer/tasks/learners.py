# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "scikit-learn==1.9.1"]
# ///
"""Two learners of scikit-learn behind the same ports."""

from assay import Opaque, Tensor, task
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

Features = Tensor["f64", "n", "d"]
Labels = Tensor["f64", "n"]


@task(version="1.0.0", phase="development", pure=True, deterministic=True)
def train_logistic(x: Features, y: Labels, strength: float = 1.0) -> {"model": Opaque["sklearn.model"]}:
    """Logistic regression with an L2 penalty.

    strength: the penalty; larger means simpler models
    """
    return {"model": LogisticRegression(C=1 / strength, max_iter=1000).fit(x.numpy(), y.numpy())}


@task(version="1.0.0", phase="development", pure=True, deterministic=True)
def train_boosting(x: Features, y: Labels, trees: int = 100, rate: float = 0.1,
                   seed: int = 42) -> {"model": Opaque["sklearn.model"]}:
    """Gradient boosting of small trees.

    trees: how many
    rate: how much of each tree counts
    """
    learner = GradientBoostingClassifier(n_estimators=trees, learning_rate=rate, random_state=seed)
    return {"model": learner.fit(x.numpy(), y.numpy())}


@task(version="1.0.0", phase="validation", pure=True, deterministic=True)
def predict(model: Opaque["sklearn.model"], x: Features) -> {"scores": Labels}:
    """The probability of class 1 for each row."""
    return {"scores": model.predict_proba(x.numpy())[:, 1].copy()}
