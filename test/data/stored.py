"""How the scripts in this folder store arrays: integers beyond 2^53 and values that JSON lacks as strings."""
import math

import numpy as np


def element(v):
    if isinstance(v, (bool, np.bool_)):
        return int(v)
    if isinstance(v, (int, np.integer)):
        return int(v) if abs(int(v)) < 2**53 else str(int(v))
    v = float(v)
    return v if math.isfinite(v) else 'NaN' if math.isnan(v) else 'Infinity' if v > 0 else '-Infinity'


def stored(a):
    """An array or a tensor of PyTorch."""
    a = a.detach().numpy() if hasattr(a, 'detach') else np.asarray(a)
    return {'dtype': str(a.dtype), 'shape': list(a.shape), 'data': [element(v) for v in a.ravel()]}
