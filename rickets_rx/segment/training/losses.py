"""What the networks are taught: softmax over places with an absent answer, poses, the class."""

import numpy as np
import torch
from torch import Tensor, nn

from rickets_rx.segment.training.samples import Sample

KIND_WEIGHT = 0.5
"""Weight of the kind beside the places (ours; twice that kept the pose from being learned)."""
SMOOTHED = 0.02
"""Share of a film's kind that is spread over all: some films pass for two kinds (ours)."""


def heat_targets(points: np.ndarray, size: int, sigma: float) -> np.ndarray:
    """Target distributions of shape (channels, size * size + 1); the last place means "absent".

    Parameters
    ----------
    points : ndarray of shape (instances, channels, 2)
        In cells, NaN where absent. Instances share the mass equally.
    """
    channels = points.shape[1]
    target = np.zeros((channels, size * size + 1), np.float32)
    cells = np.arange(size, dtype=np.float32)
    for channel in range(channels):
        places = [p for p in points[:, channel] if np.isfinite(p).all()]
        for x, y in places:
            gx = np.exp(-((cells - x) ** 2) / (2 * sigma**2))
            gy = np.exp(-((cells - y) ** 2) / (2 * sigma**2))
            blob = (gy[:, None] * gx[None]).ravel()
            target[channel, :-1] += blob / (blob.sum() + 1e-9) / len(places)
        if not places:
            target[channel, -1] = 1
    return target


def pose_targets(poses: np.ndarray, size: int, reach: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    """Pose fields of shape (4, size, size) and the mask (size, size) of cells within ``reach`` of a joint."""
    fields = np.zeros((4, size, size), np.float32)
    mask = np.zeros((size, size), np.float32)
    yy, xx = np.mgrid[:size, :size]
    for x, y, *vectors in poses:
        near = (xx - x) ** 2 + (yy - y) ** 2 <= reach**2
        mask[near] = 1
        fields[:, near] = np.asarray(vectors, np.float32)[:, None]
    return fields, mask


def kind_loss(
    net: nn.Module, samples: list[Sample], *, half: bool = False
) -> tuple[Tensor, dict[str, float]]:
    """Loss of the kinds of a batch of films; with ``half`` the network runs in bfloat16."""
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
        logits = net(_pictures(samples)).float()
    labels = torch.tensor([s.shows for s in samples])
    loss = nn.functional.cross_entropy(logits, labels, ignore_index=-1, label_smoothing=SMOOTHED)
    return loss, {"class": float(loss.detach())}


def _pictures(samples: list[Sample]) -> Tensor:
    x = torch.from_numpy(np.stack([s.picture for s in samples]))
    return x.contiguous(memory_format=torch.channels_last)


def batch_loss(
    net: nn.Module, samples: list[Sample], size: int, sigma: float, *, half: bool = False
) -> tuple[Tensor, dict[str, float]]:
    """Loss of a batch and its parts (heat, pose, class); with ``half`` the network runs in bfloat16."""
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
        answers = net(_pictures(samples))
    maps, absent, fields, classes = (answer.float() for answer in answers)
    heat = torch.from_numpy(np.stack([heat_targets(s.points, size, sigma) for s in samples]))
    logits = torch.cat([maps.flatten(2), absent[..., None]], 2)
    taught = torch.tensor([float(s.taught) for s in samples])[:, None]
    total = heat_part = -((heat * logits.log_softmax(2)).sum(2) * taught).mean()
    parts = {"heat": float(heat_part.detach())}
    if fields.shape[1]:
        aims = [pose_targets(s.poses, size) for s in samples]
        wanted = torch.from_numpy(np.stack([a[0] for a in aims]))
        mask = torch.from_numpy(np.stack([a[1] for a in aims]))[:, None]
        pose = (nn.functional.smooth_l1_loss(fields, wanted, reduction="none", beta=0.1) * mask).sum()
        pose = pose / mask.sum().clamp(min=1)
        total = total + 2 * pose
        parts["pose"] = float(pose.detach())
    labels = torch.tensor([s.shows for s in samples])
    if (labels >= 0).any():
        kind = nn.functional.cross_entropy(classes, labels, ignore_index=-1)
        total = total + KIND_WEIGHT * kind
        parts["class"] = float(kind.detach())
    return total, parts
