int assay_reliability_shim;
