"""One thread for each library that computes: set before any of them is loaded, and inherited by processes of tests.

The tests' matrices are small, and idle threads of OpenMP and OpenBLAS wait by spinning: that took half of all CPU time.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_name, "1")
