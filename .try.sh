export ASSAY_HOME=/tmp/of-people/home USER=ada
A=/work/src/.build/debug/assay
rm -rf /tmp/of-people/bc; cp -r /work/src/Examples/breast-cancer /tmp/of-people/bc; cd /tmp/of-people/bc; rm -rf .assay
cat >> breast-cancer.assay <<'X'

experiment tune {
  study breast_cancer(seed: 7)
  intent "Rank malignant masses first, and stay simple."
  space {
    learn in [logistic, newton]
    learn.newton.seed in int 1..3
    share in float 0.2..0.4 step 0.1
    where not (learn == newton and share > 0.3)
  }
  metrics {
    auc = auc maximize
    loss = loss.value minimize limit 0.5
  }
  stage screen { strategy sobol(trials: 4) }
  gate review after screen {
    ask "Go on with the expensive stage?"
    allow continue, narrow, stop
    by "risk-officer"
  }
  stage refine after review { strategy tpe(trials: 4) }
  budget { trials 20, wall 1h, parallel 2 }
}
X

