"""Writes recurrent.json: outputs and gradients of torch.nn.RNN, LSTM and GRU, and of cells written out in torch. Run: python make_recurrent.py (torch 2.15)."""

import json
import math
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)
torch.manual_seed(5)
cases = []


def stored(x):
    return {'dtype': 'float64', 'shape': list(x.shape), 'data': [float(f'{v:.13g}') for v in x.detach().reshape(-1).tolist()]}


def weights(shape):
    return torch.tensor([((i % 7) - 3) / 4 for i in range(math.prod(shape))]).reshape(shape)


def leaf(*shape):
    return torch.round(torch.randn(*shape) * 16).div(32).requires_grad_()


def case(fn, operands, options, outputs):
    """operands: by name (x, inputWeight, recurrentWeight, bias, and options that are tensors); outputs: by name."""
    loss = sum((weights(o.shape) * o).sum() for o in outputs.values())
    grads = torch.autograd.grad(loss, list(operands.values()))
    cases.append({
        'fn': fn,
        'operands': {k: stored(v) for k, v in operands.items()},
        'options': options,
        'outputs': {k: stored(v) for k, v in outputs.items()},
        'grads': {k: stored(g) for k, g in zip(operands, grads)},
    })


T, N, I, H = 4, 3, 5, 2
for fn, make, gates, extra in [('rnn', torch.nn.RNN, 1, {}), ('rnn', torch.nn.RNN, 1, {'nonlinearity': 'relu'}), ('lstm', torch.nn.LSTM, 4, {}), ('gru', torch.nn.GRU, 3, {})]:
    for both in (False, True):
        for initial in (False, True):
            D = 2 if both else 1
            rows = gates * H
            o = {'x': leaf(T, N, I), 'inputWeight': leaf(D * rows, I), 'recurrentWeight': leaf(*((2,) if both else ()), rows, H), 'bias': leaf(D * rows)}
            if fn == 'gru':
                o['secondaryBias'] = leaf(D * H)
            if initial:
                o['initState'] = leaf(D, N, H)
                if fn == 'lstm':
                    o['initCell'] = leaf(D, N, H)
            layer = make(I, H, bidirectional=both, **extra)
            params = {}
            for d in range(D):
                s = '_l0' + ('_reverse' if d else '')
                part = slice(d * rows, (d + 1) * rows)
                params['weight_ih' + s] = o['inputWeight'][part]
                params['weight_hh' + s] = o['recurrentWeight'][d] if both else o['recurrentWeight']
                params['bias_ih' + s] = o['bias'][part]
                zero = torch.zeros(rows)
                params['bias_hh' + s] = torch.cat([zero[: 2 * H], o['secondaryBias'][d * H:(d + 1) * H]]) if fn == 'gru' else zero
            state = None
            if initial:
                state = (o['initState'], o['initCell']) if fn == 'lstm' else o['initState']
            out, last = torch.func.functional_call(layer, params, (o['x'], state))
            outputs = {'output': out}
            if fn == 'lstm':
                outputs['hidden'], outputs['cell'] = last
            else:
                outputs['hidden'] = last
            options = {'bidirectional': both}
            if extra:
                options['activation'] = 'relu'
            case(fn, o, options, outputs)

# What torch.nn has no option for, written out: every line is one equation.
s, t = torch.sigmoid, torch.tanh
for options in [{'reverse': True}, {'forgetGateLast': True}, {'peephole': True}, {'mask': True}, {'activation': 'none', 'cellGateActivation': 'relu'}]:
    o = {'x': leaf(T, N, I), 'inputWeight': leaf(4 * H, I), 'recurrentWeight': leaf(4 * H, H), 'bias': leaf(4 * H)}
    p = m = None
    if 'peephole' in options:
        p = o['peephole'] = leaf(4 * H)
    if 'mask' in options:
        m = o['mask'] = leaf(N, H)
    h, c = torch.zeros(N, H), torch.zeros(N, H)
    outs, cells = [None] * T, [None] * T
    for k in (reversed(range(T)) if 'reverse' in options else range(T)):
        g = o['x'][k] @ o['inputWeight'].T + (h if m is None else h * m) @ o['recurrentWeight'].T + o['bias']
        if p is not None:
            g = g + torch.cat([c] * 4, 1) * p
        i, f, z, q = g.chunk(4, 1)
        if 'forgetGateLast' in options:
            f, z = z, f
        z = torch.relu(z) if 'cellGateActivation' in options else t(z)
        c = s(f) * c + s(i) * z
        h = s(q) * (c if 'activation' in options else t(c))
        outs[k], cells[k] = h, c
    case('lstm', o, {**{k: v for k, v in options.items() if k not in ('peephole', 'mask')}, 'produceCell': True},
         {'output': torch.stack(outs), 'cells': torch.stack(cells), 'hidden': h[None], 'cell': c[None]})
for options in [{'reverse': True}, {'resetGateFirst': False}, {'resetAfter': False}, {'flipZ': True}, {'mask': True}]:
    o = {'x': leaf(T, N, I), 'inputWeight': leaf(3 * H, I), 'recurrentWeight': leaf(3 * H, H), 'bias': leaf(3 * H)}
    if 'mask' in options:
        o['mask'] = leaf(N, H)
    h = torch.zeros(N, H)
    outs = [None] * T
    for k in (reversed(range(T)) if 'reverse' in options else range(T)):
        a = o['x'][k] @ o['inputWeight'].T + o['bias']
        R = o['recurrentWeight']
        hm = h * o['mask'] if 'mask' in options else h
        first, second = s(a[:, :H] + hm @ R[:H].T), s(a[:, H:2 * H] + hm @ R[H:2 * H].T)
        r, z = (second, first) if options.get('resetGateFirst') is False else (first, second)
        n = t(a[:, 2 * H:] + ((r * h) @ R[2 * H:].T if 'resetAfter' in options else r * (hm @ R[2 * H:].T)))
        h = (1 - z) * h + z * n if 'flipZ' in options else z * h + (1 - z) * n
        outs[k] = h
    case('gru', o, {k: v for k, v in options.items() if k != 'mask'}, {'output': torch.stack(outs), 'hidden': h[None]})

Path(__file__).with_name('recurrent.json').write_text(json.dumps(cases, separators=(',', ':')) + '\n')
