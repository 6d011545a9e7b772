"""Writes optim.json: parameters after each of several steps of torch.optim's optimizers with given gradients. Run: python make_optim.py (torch 2.15)."""

import json
from pathlib import Path

import torch
from stored import stored

torch.manual_seed(11)
STEPS = 5
cases = []


def numbers(*shape, dtype):
    return torch.round(torch.randn(*shape) * 64).div(64).to(dtype)


def case(fn, make, options, dtype=torch.float64, rates=None):
    """options: by our names; make: options of torch by its names -> optimizer. rates: learning rate of each step."""
    start = [numbers(3, 4, dtype=dtype), numbers(4, dtype=dtype)]
    gradients = [[numbers(3, 4, dtype=dtype), numbers(4, dtype=dtype)] for _ in range(STEPS)]
    gradients[2][1].zero_()
    parameters = [p.clone().requires_grad_() for p in start]
    optimizer = make(parameters)
    after = []
    for step in range(STEPS):
        if rates is not None:
            optimizer.param_groups[0]['lr'] = rates[step]
        for p, g in zip(parameters, gradients[step]):
            p.grad = g.clone()
        optimizer.step()
        after.append([stored(p) for p in parameters])
    cases.append({
        'fn': fn,
        'options': options,
        'rates': rates,
        'start': [stored(p) for p in start],
        'gradients': [[stored(g) for g in gs] for gs in gradients],
        'after': after,
    })


sgds = [
    {},
    {'momentum': 0.9},
    {'momentum': 0.9, 'dampening': 0.3},
    {'momentum': 0.8, 'nesterov': True},
    {'weightDecay': 0.1},
    {'momentum': 0.9, 'weightDecay': 0.1, 'maximize': True},
    {'momentum': 0.7, 'weightDecay': 0.05, 'nesterov': True},
]
torch_names = {'weightDecay': 'weight_decay', 'epsilon': 'eps', 'learningRate': 'lr'}


def torch_options(options):
    betas = {'betas': (options['beta1'], options['beta2'])} if 'beta1' in options else {}
    return {torch_names.get(k, k): v for k, v in options.items() if not k.startswith('beta')} | betas


for o in sgds:
    o = {'learningRate': 0.05, **o}
    case('sgd', lambda p, o=o: torch.optim.SGD(p, **torch_options(o)), o)
case('sgd', lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9), {'learningRate': 0.05, 'momentum': 0.9}, torch.float32)
case('sgd', lambda p: torch.optim.SGD(p, lr=0.05), {}, rates=[0.05, 0.04, 0.1, 0.0, 0.5])
for fn, make in [('adam', torch.optim.Adam), ('adamW', torch.optim.AdamW)]:
    for o in [
        {},
        {'learningRate': 0.1, 'amsgrad': True},
        {'learningRate': 0.02, 'weightDecay': 0.1},
        {'learningRate': 0.02, 'beta1': 0.5, 'beta2': 0.75, 'epsilon': 0.01},
        {'beta1': 0.0, 'beta2': 0.9, 'maximize': True},
        {'learningRate': 0.3, 'beta1': 0.8, 'beta2': 0.5, 'amsgrad': True, 'weightDecay': 0.2, 'maximize': True},
    ]:
        case(fn, lambda p, o=o, make=make: make(p, **torch_options(o)), o)
    case(fn, lambda p, make=make: make(p), {}, torch.float32)
    case(fn, lambda p, make=make: make(p, lr=0.1), {}, rates=[0.1, 0.05, 0.2, 0.0, 0.001])

Path(__file__).with_name('optim.json').write_text(json.dumps(cases, separators=(',', ':')) + '\n')
