"""The statistics of a drift check by pandas and scipy: seconds to read, seconds to compute, peak memory in MiB."""
import resource
import sys
import time

import numpy as np
import pandas as pd
from scipy import stats
from scipy.spatial.distance import jensenshannon

started = time.time()
rows = pd.read_csv(sys.argv[1])
read = time.time()
reference = rows.iloc[:20_000]
for name in rows.columns:
    if rows[name].dtype == object:
        before, now = reference[name].value_counts(), rows[name].value_counts().reindex(reference[name].value_counts().index).fillna(0)
        before, now = before.to_numpy(float), now.to_numpy(float)
    else:
        stats.ks_2samp(reference[name], rows[name], mode="asymp")
        stats.wasserstein_distance(reference[name], rows[name])
        edges = np.quantile(reference[name], np.linspace(0, 1, 11))[1:-1]
        before = np.bincount(np.searchsorted(edges, reference[name]), minlength=10).astype(float)
        now = np.bincount(np.searchsorted(edges, rows[name]), minlength=10).astype(float)
    stats.chi2_contingency(np.array([before, now]))
    r, c = before / before.sum(), now / now.sum()
    jensenshannon(r, c, base=2)
    np.sum((c - r) * np.log(np.maximum(c, 1e-4) / np.maximum(r, 1e-4)))
print(read - started)
print(time.time() - read)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
