"""Writes fourier.json: discrete Fourier transforms by NumPy in float64, and gradients by torch.fft.
Run: PYTHONPATH=... python make_fourier.py (torch 2.15, numpy 2.4)."""

import json
from pathlib import Path

import numpy as np
import torch
from stored import stored

rng = np.random.default_rng(11)
cases = []


def parts(z):
    z = np.asarray(z)
    return [stored(np.ascontiguousarray(z.real)), stored(np.ascontiguousarray(z.imag))] if np.iscomplexobj(z) else [stored(z)]


def case(fn, x, **options):
    out = getattr(np.fft, fn)(x.astype(np.complex128 if np.iscomplexobj(x) else np.float64), **options)
    narrow = x.dtype in (np.complex64, np.float32)
    out = out.astype((np.complex64 if np.iscomplexobj(out) else np.float32) if narrow else out.dtype)
    t = torch.from_numpy(x.astype(np.complex128 if np.iscomplexobj(x) else np.float64)).requires_grad_()
    names = {'axis': 'dim', 'axes': 'dim'}
    made = getattr(torch.fft, fn)(t, **{names.get(k, k): v for k, v in options.items()})
    assert np.allclose(made.detach().resolve_conj().numpy(), out, atol=1e-3)
    # A cotangent of sines, which a test can make as well: 0.5 sin(i) for real parts, 0.25 cos(i) for imaginary ones.
    i = torch.arange(made.numel(), dtype=torch.float64).reshape(made.shape)
    if made.is_complex():
        loss = (made.real * 0.5 * torch.sin(i)).sum() + (made.imag * 0.25 * torch.cos(i)).sum()
    else:
        loss = (made * 0.5 * torch.sin(i)).sum()
    (slope,) = torch.autograd.grad(loss, t)
    slope = slope.resolve_conj().numpy()
    if narrow:
        slope = slope.astype(x.dtype)
    cases.append({'fn': fn, 'inputs': parts(x), 'options': options, 'out': parts(out), 'grad': parts(slope)})


def real(*shape, dtype=np.float32):
    return rng.uniform(-1, 1, shape).astype(dtype)


def cplx(*shape, dtype=np.complex64):
    return (rng.uniform(-1, 1, shape) + 1j * rng.uniform(-1, 1, shape)).astype(dtype)


lengths = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 20, 21, 25, 31, 32, 37, 41, 49, 60, 62, 64, 74, 101, 128)
for n in lengths:
    for fn in ('fft', 'ifft'):
        case(fn, cplx(2, n))
    case('rfft', real(2, n))
    case('irfft', cplx(2, n // 2 + 1), n=n)
for n in (1, 7, 12, 37, 64):
    case('fft', cplx(3, n, dtype=np.complex128))
    case('rfft', real(3, n, dtype=np.float64))
    case('irfft', cplx(3, n // 2 + 1, dtype=np.complex128), n=n)
for norm in ('backward', 'ortho', 'forward'):
    for fn in ('fft', 'ifft'):
        case(fn, cplx(3, 10), norm=norm)
        case(fn, real(3, 9), norm=norm)
    case('rfft', real(3, 9), norm=norm)
    case('irfft', cplx(3, 6), norm=norm)
    case('irfft', cplx(3, 6), norm=norm, n=11)
    case('hfft', cplx(3, 6), norm=norm)
    case('hfft', cplx(3, 6), norm=norm, n=11)
    case('ihfft', real(3, 10), norm=norm)
    for fn in ('fft2', 'ifft2', 'fftn', 'ifftn'):
        case(fn, cplx(2, 6, 5), norm=norm)
    for fn in ('rfft2', 'rfftn'):
        case(fn, real(2, 6, 5), norm=norm)
    for fn in ('irfft2', 'irfftn'):
        case(fn, cplx(2, 6, 5), norm=norm)
for axis in (0, 1, -1):
    for n in (4, 6, 9):
        case('fft', cplx(6, 5, 6), axis=axis, n=n)
        case('rfft', real(6, 5, 6), axis=axis, n=n)
        case('irfft', cplx(6, 5, 6), axis=axis, n=n)
case('fft', cplx(3, 20, 11), axis=1)
case('fft', cplx(20, 37), axis=0)
case('rfft', real(20, 9), axis=0)
case('irfft', cplx(20, 19), axis=0)
case('fftn', cplx(4, 3, 5), axes=[0, 2])
case('fftn', cplx(4, 3, 5), axes=[2, 0], s=[3, 6])
case('rfftn', real(4, 3, 5), axes=[2, 0])
case('rfftn', real(4, 3, 6), axes=[0, 1], s=[5, 4])
case('irfftn', cplx(4, 3, 4), axes=[0, 2], s=[4, 7])
case('irfftn', cplx(4, 3, 4), axes=[2, 0])
case('fft2', cplx(3, 4, 2), s=[5, 2])

Path(__file__).with_name('fourier.json').write_text('[\n' + ',\n'.join(json.dumps(one, separators=(',', ':')) for one in cases) + '\n]\n')
