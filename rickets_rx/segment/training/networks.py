"""Networks: a U-Net ending in heat maps, each with an "absent" answer, and a class; film kinds; the guard."""

from itertools import pairwise

import torch
from torch import Tensor, nn

from rickets_rx.segment.training.canvas import FILM_CLASSES


def conv_block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Two 3 x 3 convolutions with batch normalisation."""
    layers: list[nn.Module] = []
    for k in range(2):
        first = k == 0
        layers += [
            nn.Conv2d(inputs if first else outputs, outputs, 3, stride if first else 1, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers)


def answer_head(inputs: int, outputs: int) -> nn.Sequential:
    """Logits from pooled channels.

    Pooled channels are far from zero mean: with a ReLU 38 to 52 of the 64 units died early. Hence the leak.
    """
    return nn.Sequential(nn.Linear(inputs, 64), nn.LeakyReLU(0.1), nn.Linear(64, outputs))


class PlaceNet(nn.Module):
    """U-Net over two-channel pictures.

    Parameters
    ----------
    maps : int
        Heat maps; each has an extra "absent" logit.
    fields : int
        Further output channels without softmax.
    classes : int
    widths : tuple of int
        Channels at 1/2, 1/4, 1/8, ... of the side.
    last : int
        Level at which the outputs stand (0 = half of the side, 1 = a quarter).

    Notes
    -----
    Returns maps (n, maps, s, s) as logits, absent (n, maps), fields (n, fields, s, s), classes (n, classes).
    """

    def __init__(self, maps: int, fields: int, classes: int, widths: tuple[int, ...], last: int) -> None:
        super().__init__()
        self.maps, self.last = maps, last
        self.down = nn.ModuleList([conv_block(a, b, 2) for a, b in zip((2, *widths), widths, strict=False)])
        self.side = nn.ModuleList()
        self.merge = nn.ModuleList()
        for level in range(len(widths) - 2, last - 1, -1):
            self.side.append(nn.Conv2d(widths[level + 1], widths[level], 1, bias=False))
            self.merge.append(conv_block(widths[level], widths[level]))
        self.head = nn.Conv2d(widths[last], maps + fields, 1)
        deep = widths[-1] + widths[-2]
        self.absent = answer_head(deep, maps)
        self.classes = answer_head(deep, classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        levels = []
        for down in self.down:
            x = down(x)
            levels.append(x)
        pooled = torch.cat([levels[-1].mean((2, 3)), levels[-2].amax((2, 3))], 1)
        for k, (side, merge) in enumerate(zip(self.side, self.merge, strict=True)):
            up = nn.functional.interpolate(side(x), scale_factor=2.0, mode="bilinear", align_corners=False)
            x = merge(up + levels[-2 - k])
        out = self.head(x)
        return out[:, : self.maps], self.absent(pooled), out[:, self.maps :], self.classes(pooled)


class KindNet(nn.Module):
    """What a whole film shows, from the picture at half size.

    A network of its own: beside the places of the whole film the kinds were hardly learned (the loss fell
    from 1.22, which their shares alone give, to 1.0).
    """

    def __init__(self, classes: int, widths: tuple[int, ...] = (16, 24, 32, 48, 64)) -> None:
        super().__init__()
        self.down = nn.ModuleList([conv_block(a, b, 2) for a, b in zip((2, *widths), widths, strict=False)])
        deep = 2 * (widths[-1] + widths[-2])
        self.classes = nn.Sequential(nn.Dropout(0.2), answer_head(deep, classes))

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.avg_pool2d(x, 2)
        levels = []
        for down in self.down:
            x = down(x)
            levels.append(x)
        pooled = [part for level in levels[-2:] for part in (level.mean((2, 3)), level.amax((2, 3)))]
        return self.classes(torch.cat(pooled, 1))


class GuardNet(nn.Module):
    """What lies at one bone end: four blocks over (n, 2, 96, 96), means over nine fields and the greatest
    answer of each channel, logits of shape (n, classes). Where on the patch something lies decides.
    """

    def __init__(self, classes: int, widths: tuple[int, ...] = (12, 24, 32, 40)) -> None:
        super().__init__()
        self.body = nn.Sequential(*(conv_block(a, b, 2) for a, b in pairwise((2, *widths))))
        self.head = nn.Sequential(nn.Dropout(0.1), answer_head(10 * widths[-1], classes))

    def forward(self, x: Tensor) -> Tensor:
        x = self.body(x)
        fields = nn.functional.avg_pool2d(x, 2).flatten(1)
        return self.head(torch.cat([fields, x.amax((2, 3))], 1))


def kind_net() -> KindNet:
    """The kinds of film, beside the first network."""
    return KindNet(len(FILM_CLASSES))


def film_net() -> PlaceNet:
    """The first network: four bone middles, four pose fields, the kinds of film, at a quarter of 256."""
    return PlaceNet(maps=4, fields=4, classes=len(FILM_CLASSES), widths=(16, 32, 48, 64, 96, 96), last=1)


def crop_net() -> PlaceNet:
    """The second network: six key points and the kinds of crop ("nothing" last), at half of 192."""
    return PlaceNet(maps=6, fields=0, classes=len(FILM_CLASSES) + 1, widths=(16, 32, 48, 64, 96), last=0)
