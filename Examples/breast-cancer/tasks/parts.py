# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "scikit-learn==1.9.1"]
# ///
"""Alternatives for the two variability points of `search`: what is done to the features, and what learns from them."""

from assay import Context, Opaque, Tensor, task
from sklearn.decomposition import PCA
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import QuantileTransformer, StandardScaler

Features = Tensor["f64", "n", "d"]
Labels = Tensor["f64", "n"]
Unknown = Tensor["f64", "m", "d"]
Scores = Tensor["f64", "m"]


@task(version="1.0.0", phase="preparation", pure=True, deterministic=True)
def chance(context: Context) -> {"number": int}:
    """A number that depends on the seed of the run alone: a trial that is repeated with another seed gets another one."""
    return {"number": context.random().randrange(1_000_000)}


@task(version="1.0.0", phase="preparation", pure=True, deterministic=True)
def ranks(x: Features, test: Unknown) -> {"x": Features, "test": Unknown}:
    """Each feature by its rank among the training rows, 0 to 1."""
    fit = QuantileTransformer(n_quantiles=min(100, len(x.numpy())), random_state=0).fit(x.numpy())
    return {"x": fit.transform(x.numpy()), "test": fit.transform(test.numpy())}


@task(version="1.0.0", phase="preparation", pure=True, deterministic=True)
def components(x: Features, test: Unknown,
               keep: int = 5) -> {"x": Tensor["f64", "n", "k"], "test": Tensor["f64", "m", "k"]}:
    """Principal components of the standardised features.

    keep: how many, at most as many as there are features
    """
    scale = StandardScaler().fit(x.numpy())
    fit = PCA(n_components=min(keep, x.numpy().shape[1]), random_state=0).fit(scale.transform(x.numpy()))
    return {"x": fit.transform(scale.transform(x.numpy())), "test": fit.transform(scale.transform(test.numpy()))}


def _learned(learner, x, y, test):
    model = learner.fit(x.numpy(), y.numpy())
    return {"model": model, "scores": model.predict_proba(test.numpy())[:, 1].copy()}


@task(version="1.0.0", phase="development", pure=True, deterministic=True)
def logistic(x: Features, y: Labels, test: Unknown,
             strength: float = 1.0) -> {"model": Opaque["sklearn.model"], "scores": Scores}:
    """Logistic regression with an L2 penalty.

    strength: the penalty; larger means simpler models
    """
    return _learned(LogisticRegression(C=1 / strength, max_iter=2000), x, y, test)


@task(version="1.0.0", phase="development", pure=True, deterministic=True)
def boosting(x: Features, y: Labels, test: Unknown, trees: int = 100,
             rate: float = 0.1) -> {"model": Opaque["sklearn.model"], "scores": Scores}:
    """Gradient boosting of small trees.

    trees: how many
    rate: how much of each tree counts
    """
    return _learned(GradientBoostingClassifier(n_estimators=trees, learning_rate=rate, random_state=42), x, y, test)


@task(version="1.0.0", phase="development", pure=True, deterministic=True)
def forest(x: Features, y: Labels, test: Unknown, trees: int = 100,
           depth: int = 6) -> {"model": Opaque["sklearn.model"], "scores": Scores}:
    """A random forest.

    trees: how many
    depth: of each tree
    """
    return _learned(RandomForestClassifier(n_estimators=trees, max_depth=depth, random_state=42), x, y, test)
