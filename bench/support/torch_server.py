"""Times PyTorch's (and some of NumPy's) kernels for benchmarks.

Protocol: prints one line of JSON when ready, {"torch": version, "threads": n}; then for every input line "name calls" prints the
microseconds per call. Operands are made once; results are freed at once, as Python does.
"""
import functools
import json
import sys
import time

import numpy
import torch

torch.set_num_threads(int(sys.argv[1]))
torch.set_grad_enabled(False)
torch.manual_seed(0)

rows = torch.rand(4096, 1024) * 2 - 1
weight, bias = torch.rand(1024), torch.rand(1024)
flat = {name: (torch.rand(n) * 2 - 1, torch.rand(n) * 2 - 1) for name, n in (("chain1e6", 10**6), ("chain1e7", 10**7))}
images = torch.rand(8, 64, 56, 56) * 2 - 1
filters = {"conv": torch.rand(64, 64, 3, 3) * 2 - 1, "depthwise": torch.rand(64, 1, 3, 3) * 2 - 1}
cotangent = torch.rand(8, 64, 56, 56) * 2 - 1


def convolve(kind):
    return torch.nn.functional.conv2d(images, filters[kind], padding=1, groups=64 // filters[kind].shape[1])


def convolve_backward(kind, data):
    groups = 64 // filters[kind].shape[1]
    window = ([1, 1], [1, 1], [1, 1], False, [0, 0], groups)
    return torch.ops.aten.convolution_backward(cotangent, images, filters[kind], None, *window, [data, not data, False])

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


@functools.cache
def sequence():
    return torch.rand(10**6) * 2 - 1


@functools.cache
def table():
    return torch.rand(1024, 32000) * 2 - 1


@functools.cache
def words():
    return torch.rand(50000, 256, requires_grad=True), torch.randint(0, 50000, (8192,)), torch.rand(8192, 256)


def embedding():
    weight, ids, cotangent = words()
    with torch.enable_grad():
        found = torch.nn.functional.embedding(ids, weight)
        return torch.autograd.grad(found, weight, cotangent)


@functools.cache
def recurrent():
    return torch.nn.LSTM(256, 256, 2), torch.rand(64, 16, 256, requires_grad=True), torch.rand(64, 16, 256)


def recurrent_gradient():
    layer, source, cotangent = recurrent()
    with torch.enable_grad():
        loss = (layer(source)[0] * cotangent).sum()
        return torch.autograd.grad(loss, [source, *layer.parameters()])


@functools.cache
def lines(n):
    return torch.complex(torch.rand(64, n) * 2 - 1, torch.rand(64, n) * 2 - 1)


@functools.cache
def real_lines():
    return torch.rand(64, 4096) * 2 - 1


programs = {
    "LSTM": lambda: recurrent()[0](recurrent()[1]),
    "LSTM gradient": recurrent_gradient,
    "fft NumPy": lambda: numpy.fft.fft(lines(4096).numpy()),
    "fft PyTorch": lambda: torch.fft.fft(lines(4096)),
    "rfft NumPy": lambda: numpy.fft.rfft(real_lines().numpy()),
    "rfft PyTorch": lambda: torch.fft.rfft(real_lines()),
    "fft 1000 NumPy": lambda: numpy.fft.fft(lines(1000).numpy()),
    "fft 1000 PyTorch": lambda: torch.fft.fft(lines(1000)),
    "sort NumPy": lambda: numpy.sort(sequence().numpy()),
    "sort PyTorch": lambda: torch.sort(sequence()),
    "topk PyTorch": lambda: torch.topk(table(), 50),
    "embedding PyTorch": embedding,
    "softmax": lambda: torch.softmax(rows, -1),
    "layer norm": lambda: torch.nn.functional.layer_norm(rows, (1024,), weight, bias),
    "attention": lambda: attention(*heads["attention"]),
    "causal attention": lambda: attention(*heads["attention"], is_causal=True),
    "long attention": lambda: attention(*heads["long"]),
    "one query": lambda: attention(*heads["one"]),
    "max pool 2x2": lambda: torch.nn.functional.max_pool2d(images, 2),
    "max pool 3x3": lambda: torch.nn.functional.max_pool2d(images, 3, 2, 1),
    "average pool 3x3": lambda: torch.nn.functional.avg_pool2d(images, 3, 2, 1),
    "bilinear 2x": lambda: torch.nn.functional.interpolate(images, scale_factor=2, mode="bilinear"),
    "bilinear to 28x28": lambda: torch.nn.functional.interpolate(images, size=28, mode="bilinear"),
    **{kind: lambda kind=kind: convolve(kind) for kind in filters},
    **{f"{kind} by data": lambda kind=kind: convolve_backward(kind, True) for kind in filters},
    **{f"{kind} by weights": lambda kind=kind: convolve_backward(kind, False) for kind in filters},
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
