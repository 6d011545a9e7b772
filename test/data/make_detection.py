"""Writes detection.json: boxes that non-maximum suppression keeps. nms by torchvision; the masks by a plain NumPy loop, compared with torchvision where it has
the same. Run: python make_detection.py (torch 2.15, torchvision 0.29, numpy 2.4)."""

import json
from pathlib import Path

import numpy as np
import torch
from stored import stored
from torchvision.ops import batched_nms, box_iou
from torchvision.ops import nms as torch_nms

rng = np.random.default_rng(5)
cases = []


def case(fn, inputs, args, out):
    cases.append({'fn': fn, 'inputs': [stored(x) for x in inputs], 'args': args, 'out': [stored(out)]})


def corners(boxes, mode):
    """x1, y1, x2, y2 of boxes in one of the four coordinate modes."""
    if mode.endswith('HeightFirst'):
        boxes = boxes[..., [1, 0, 3, 2]]
    if mode.startswith('corners'):
        return boxes
    half = boxes[..., 2:] * boxes.dtype.type(0.5)
    return np.concatenate([boxes[..., :2] - half, boxes[..., :2] + half], -1)


def suppress(boxes, scores, classes, iou, least, per_class, mode):
    if scores.ndim == boxes.ndim - 1:
        scores = scores[..., None]
    keep = np.zeros(boxes.shape[:2], bool)
    best = scores.max(-1)
    kinds = scores.argmax(-1) if classes is None else classes
    for b in range(boxes.shape[0]):
        own = torch.from_numpy(corners(boxes[b], mode))
        overlaps = box_iou(own, own).numpy()
        for i in np.argsort(-best[b].astype(np.float64), kind='stable'):
            if best[b, i] < least:
                continue
            rivals = keep[b] & (overlaps[i] > iou)
            if per_class:
                rivals &= kinds[b] == kinds[b, i]
            keep[b, i] = not rivals.any()
        if not per_class and least == -np.inf:
            wanted = torch_nms(own, torch.from_numpy(best[b]), iou)
            assert sorted(wanted.tolist()) == np.flatnonzero(keep[b]).tolist()
    return keep


def boxes_of(n, mode, dtype, batch=None):
    """Boxes on a coarse grid: many overlap, and areas are exact."""
    shape = (n,) if batch is None else (batch, n)
    low = np.round(rng.uniform(0, 8, (*shape, 2)) * 4) / 4
    size = np.round(rng.uniform(0.5, 4, (*shape, 2)) * 4) / 4
    parts = (low + size / 2, size) if mode.startswith('centers') else (low, low + size)
    return np.concatenate(parts, -1).astype(dtype)


modes = ('cornersHeightFirst', 'cornersWidthFirst', 'centersHeightFirst', 'centersWidthFirst')
for dtype in ('float32', 'float64'):
    for mode in modes:
        for n, k, per_class, given in ((30, None, False, False), (40, 1, True, True), (25, 3, True, False), (25, 3, False, False), (60, None, True, True)):
            boxes = boxes_of(n, mode, dtype, 2)
            scores = np.round(rng.uniform(0, 1, (2, n) if k is None else (2, n, k)) * 32).astype(dtype) / 32
            classes = rng.integers(0, 3, (2, n)).astype(np.int32) if given else None
            iou, least = rng.choice([0.0, 0.25, 0.5, 0.7]), rng.choice([-np.inf, 0.25])
            keep = suppress(boxes, scores, classes, iou, least, per_class, mode)
            options = {'iouThreshold': iou, 'perClass': per_class, 'coordinates': mode}
            if least > -np.inf:
                options['scoreThreshold'] = least
            inputs = [boxes, scores] + ([classes] if given else [])
            case('nonMaximumSuppression', inputs, [options], keep)

# The positions, by torchvision: random boxes of all sizes, ties among scores, and thresholds that overlaps meet exactly.
for n in (0, 1, 2, 17, 150, 400):
    for iou in (0.0, 0.3, 0.5, 1.0) if n < 400 else (0.3,):
        boxes = boxes_of(n, 'cornersWidthFirst', 'float32')
        scores = (rng.integers(0, 40, n) / 40).astype(np.float32)
        case('nmsSync', [boxes, scores], [iou], torch_nms(torch.from_numpy(boxes), torch.from_numpy(scores), iou).numpy().astype(np.int32))
        if n == 0:
            continue
        classes = rng.integers(0, 4, n).astype(np.int32)
        # batched_nms moves classes apart, which rounds; sums of these coordinates are exact.
        kept = batched_nms(torch.from_numpy(boxes), torch.from_numpy(scores), torch.from_numpy(classes), iou)
        case('nmsSync', [boxes, scores, classes], [iou], kept.numpy().astype(np.int32))
fine = rng.uniform(0, 10, (200, 2))
fine = np.concatenate([fine, fine + rng.uniform(0.5, 3, (200, 2))], -1).astype(np.float32)
scores = rng.uniform(0, 1, 200).astype(np.float32)
for iou in (0.1, 0.45, 0.7):
    case('nmsSync', [fine, scores], [iou], torch_nms(torch.from_numpy(fine), torch.from_numpy(scores), iou).numpy().astype(np.int32))

out = ',\n'.join(json.dumps(one, separators=(',', ':')) for one in cases)
Path(__file__).with_name('detection.json').write_text(f'[\n{out}\n]\n')
