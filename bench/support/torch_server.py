"""Times PyTorch's kernels for bench/rows.ts, bench/elementwise.ts and bench/attention.ts.

Protocol: prints one line of JSON when ready, {"torch": version, "threads": n}; then for every input line "name calls" prints the
microseconds per call. Operands are made once; results are freed at once, as Python does.
"""
import json
import sys
import time

import torch

torch.set_num_threads(int(sys.argv[1]))
torch.set_grad_enabled(False)
torch.manual_seed(0)

rows = torch.rand(4096, 1024) * 2 - 1
weight, bias = torch.rand(1024), torch.rand(1024)
flat = {name: (torch.rand(n) * 2 - 1, torch.rand(n) * 2 - 1) for name, n in (("chain1e6", 10**6), ("chain1e7", 10**7))}

heads = {
    name: [torch.rand(1, h, n, 64) * 2 - 1 for n in (l, s, s)]
    for name, h, l, s in (("attention", 8, 512, 512), ("long", 2, 2048, 2048), ("one", 8, 1, 2048))
}
attention = torch.nn.functional.scaled_dot_product_attention


def chain(x, y):
    a = x * 1.5
    a = a + y
    a = a.clamp_min(-0.75)
    a = a - 0.25
    a = a.abs()
    a = a * y
    a = a.clamp_max(0.9)
    a = -a
    a = a + 0.125
    return a * 3


programs = {
    "softmax": lambda: torch.softmax(rows, -1),
    "layer norm": lambda: torch.nn.functional.layer_norm(rows, (1024,), weight, bias),
    "attention": lambda: attention(*heads["attention"]),
    "causal attention": lambda: attention(*heads["attention"], is_causal=True),
    "long attention": lambda: attention(*heads["long"]),
    "one query": lambda: attention(*heads["one"]),
    "chain1e6": lambda: chain(*flat["chain1e6"]),
    "chain1e7": lambda: chain(*flat["chain1e7"]),
}

print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
for line in sys.stdin:
    name, calls = line.rstrip("\n").rsplit(" ", 1)
    run = programs[name]
    run()
    start = time.perf_counter()
    for _ in range(int(calls)):
        run()
    print((time.perf_counter() - start) * 1e6 / int(calls), flush=True)
