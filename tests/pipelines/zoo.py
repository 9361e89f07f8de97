"""Well-known networks, untrained, in PyTorch's own layers: their sizes are those of the papers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812


class UNet(nn.Module):
    """Ronneberger and others 2015, with padding and normalization."""

    def __init__(self) -> None:
        super().__init__()
        widths = (64, 128, 256, 512, 1024)
        self.first = _double(1, 64)
        self.down = nn.ModuleList(_double(few, many) for few, many in pairwise(widths))
        turned = list(zip(widths[::-1], widths[-2::-1], strict=False))
        self.up = nn.ModuleList(nn.ConvTranspose2d(many, few, 2, 2) for many, few in turned)
        self.merge = nn.ModuleList(_double(many, few) for many, few in turned)
        self.last = nn.Conv2d(64, 2, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Return logits for each pixel."""
        kept = [self.first(image)]
        for stage in self.down:
            kept.append(stage(F.max_pool2d(kept[-1], 2)))
        found = kept.pop()
        for turn, merge in zip(self.up, self.merge, strict=True):
            found = merge(torch.cat([kept.pop(), turn(found)], dim=1))
        return self.last(found)


def _double(few: int, many: int) -> nn.Sequential:
    parts = [
        each
        for given in (few, many)
        for each in (nn.Conv2d(given, many, 3, padding=1, bias=False), nn.BatchNorm2d(many), nn.ReLU(True))
    ]
    return nn.Sequential(*parts)


def vgg16() -> nn.Module:
    """Simonyan and Zisserman 2014."""
    layers: list[nn.Module] = []
    given = 3
    for width, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(count):
            layers += [nn.Conv2d(given, width, 3, padding=1), nn.ReLU(True)]
            given = width
        layers.append(nn.MaxPool2d(2))
    head = [
        nn.Linear(25088, 4096),
        nn.ReLU(True),
        nn.Dropout(),
        nn.Linear(4096, 4096),
        nn.ReLU(True),
        nn.Dropout(),
    ]
    return nn.Sequential(nn.Sequential(*layers), nn.Flatten(), nn.Sequential(*head, nn.Linear(4096, 1000)))


class Bottleneck(nn.Module):
    """A residual block of three convolutions."""

    def __init__(self, given: int, width: int, stride: int) -> None:
        super().__init__()
        made = width * 4
        self.conv1, self.bn1 = nn.Conv2d(given, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3, self.bn3 = nn.Conv2d(width, made, 1, bias=False), nn.BatchNorm2d(made)
        self.relu = nn.ReLU(True)
        self.downsample = None
        if stride != 1 or given != made:
            self.downsample = nn.Sequential(
                nn.Conv2d(given, made, 1, stride, bias=False), nn.BatchNorm2d(made)
            )

    def forward(self, given: Tensor) -> Tensor:
        """Return the block's answer added to what it was given."""
        found = self.relu(self.bn1(self.conv1(given)))
        found = self.bn3(self.conv3(self.relu(self.bn2(self.conv2(found)))))
        found += given if self.downsample is None else self.downsample(given)
        return self.relu(found)


class ResNet50(nn.Module):
    """He and others 2015."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1, self.relu, self.maxpool = nn.BatchNorm2d(64), nn.ReLU(True), nn.MaxPool2d(3, 2, 1)
        given = 64
        for index, (width, count) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3))):
            strides = [1 if index == 0 else 2] + [1] * (count - 1)
            blocks = [
                Bottleneck(given if at == 0 else width * 4, width, step) for at, step in enumerate(strides)
            ]
            setattr(self, f"layer{index + 1}", nn.Sequential(*blocks))
            given = width * 4
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(2048, 1000)

    def forward(self, image: Tensor) -> Tensor:
        """Return logits."""
        found = self.maxpool(self.relu(self.bn1(self.conv1(image))))
        found = self.layer4(self.layer3(self.layer2(self.layer1(found))))
        return self.fc(torch.flatten(self.avgpool(found), 1))


class DenseLayer(nn.Module):
    """What each layer of a dense block adds to what all before it gave."""

    def __init__(self, given: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(given), nn.Conv2d(given, 128, 1, bias=False)
        self.norm2, self.conv2 = nn.BatchNorm2d(128), nn.Conv2d(128, 32, 3, padding=1, bias=False)

    def forward(self, given: list[Tensor]) -> Tensor:
        """Return 32 further channels."""
        found = self.conv1(F.relu(self.norm1(torch.cat(given, 1))))
        return self.conv2(F.relu(self.norm2(found)))


class DenseBlock(nn.Module):
    """Layers that each read what all before them gave."""

    def __init__(self, given: int, count: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(DenseLayer(given + 32 * at) for at in range(count))

    def forward(self, given: Tensor) -> Tensor:
        """Return everything beside each other."""
        kept = [given]
        for layer in self.layers:
            kept.append(layer(kept))
        return torch.cat(kept, 1)


def densenet121() -> nn.Module:
    """Huang and others 2016."""
    parts: list[nn.Module] = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(True)]
    parts.append(nn.MaxPool2d(3, 2, 1))
    width = 64
    for index, count in enumerate((6, 12, 24, 16)):
        parts.append(DenseBlock(width, count))
        width += 32 * count
        if index < 3:
            turn = [nn.BatchNorm2d(width), nn.ReLU(True), nn.Conv2d(width, width // 2, 1, bias=False)]
            parts.append(nn.Sequential(*turn, nn.AvgPool2d(2)))
            width //= 2
    parts += [nn.BatchNorm2d(width), nn.ReLU(True), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*parts, nn.Linear(width, 1000))


class BasicConv(nn.Module):
    """A convolution, normalized and rectified."""

    def __init__(self, given: int, made: int, size: Any, **settings: Any) -> None:
        super().__init__()
        self.conv = nn.Conv2d(given, made, size, bias=False, **settings)
        self.bn = nn.BatchNorm2d(made, eps=0.001)

    def forward(self, given: Tensor) -> Tensor:
        """Return features."""
        return F.relu(self.bn(self.conv(given)), inplace=True)


class Branches(nn.Module):
    """Branches side by side, each a chain, joined at the end; a pool stands before the last where asked."""

    def __init__(self, *chains: nn.Module, pool: nn.Module | None = None) -> None:
        super().__init__()
        self.chains = nn.ModuleList(chains)
        self.pool = pool

    def forward(self, given: Tensor) -> Tensor:
        """Return all branches beside each other."""
        found = [chain(given) for chain in self.chains]
        if self.pool is not None:
            found.append(self.pool(given))
        return torch.cat(found, 1)


def _inception_a(given: int, pooled: int) -> Branches:
    average = nn.Sequential(nn.AvgPool2d(3, 1, 1), BasicConv(given, pooled, 1))
    five = nn.Sequential(BasicConv(given, 48, 1), BasicConv(48, 64, 5, padding=2))
    three = [BasicConv(given, 64, 1), BasicConv(64, 96, 3, padding=1), BasicConv(96, 96, 3, padding=1)]
    return Branches(BasicConv(given, 64, 1), five, nn.Sequential(*three), average)


def _inception_b() -> Branches:
    three = [BasicConv(288, 64, 1), BasicConv(64, 96, 3, padding=1), BasicConv(96, 96, 3, stride=2)]
    return Branches(BasicConv(288, 384, 3, stride=2), nn.Sequential(*three), pool=nn.MaxPool2d(3, 2))


_WIDE: dict[str, Any] = {"size": (1, 7), "padding": (0, 3)}
_TALL: dict[str, Any] = {"size": (7, 1), "padding": (3, 0)}


def _inception_c(width: int) -> Branches:
    seven = [BasicConv(768, width, 1), BasicConv(width, width, **_WIDE), BasicConv(width, 192, **_TALL)]
    twice = [BasicConv(768, width, 1)]
    twice += [BasicConv(width, width, **each) for each in (_TALL, _WIDE, _TALL)]
    average = nn.Sequential(nn.AvgPool2d(3, 1, 1), BasicConv(768, 192, 1))
    last = BasicConv(width, 192, **_WIDE)
    return Branches(BasicConv(768, 192, 1), nn.Sequential(*seven), nn.Sequential(*twice, last), average)


def _inception_d() -> Branches:
    three = nn.Sequential(BasicConv(768, 192, 1), BasicConv(192, 320, 3, stride=2))
    seven = [BasicConv(768, 192, 1), BasicConv(192, 192, **_WIDE), BasicConv(192, 192, **_TALL)]
    return Branches(three, nn.Sequential(*seven, BasicConv(192, 192, 3, stride=2)), pool=nn.MaxPool2d(3, 2))


def _inception_e(given: int) -> Branches:
    def fork() -> Branches:
        return Branches(
            BasicConv(384, 384, (1, 3), padding=(0, 1)), BasicConv(384, 384, (3, 1), padding=(1, 0))
        )

    three = nn.Sequential(BasicConv(given, 384, 1), fork())
    twice = nn.Sequential(BasicConv(given, 448, 1), BasicConv(448, 384, 3, padding=1), fork())
    average = nn.Sequential(nn.AvgPool2d(3, 1, 1), BasicConv(given, 192, 1))
    return Branches(BasicConv(given, 320, 1), three, twice, average)


class InceptionV3(nn.Module):
    """Szegedy and others 2015, with the second head that only training uses."""

    def __init__(self) -> None:
        super().__init__()
        stem = [BasicConv(3, 32, 3, stride=2), BasicConv(32, 32, 3), BasicConv(32, 64, 3, padding=1)]
        stem += [nn.MaxPool2d(3, 2), BasicConv(64, 80, 1), BasicConv(80, 192, 3), nn.MaxPool2d(3, 2)]
        blocks = [_inception_a(192, 32), _inception_a(256, 64), _inception_a(288, 64), _inception_b()]
        blocks += [_inception_c(width) for width in (128, 160, 160, 192)]
        self.body = nn.Sequential(*stem, *blocks)
        self.aux = nn.Sequential(
            nn.AvgPool2d(5, 3),
            BasicConv(768, 128, 1),
            BasicConv(128, 768, 5),
            nn.Flatten(),
            nn.Linear(768, 1000),
        )
        self.top = nn.Sequential(_inception_d(), _inception_e(1280), _inception_e(2048))
        self.fc = nn.Linear(2048, 1000)

    def forward(self, image: Tensor) -> Any:
        """Return logits; in training those of the second head, too."""
        found = self.body(image)
        further = self.aux(found) if self.training else None
        logits = self.fc(F.dropout(self.top(found).mean((2, 3)), training=self.training))
        return logits if further is None else (logits, further)


class Inverted(nn.Module):
    """An inverted residual of MobileNetV3."""

    def __init__(
        self, given: int, size: int, wide: int, made: int, gate: bool, act: Any, stride: int
    ) -> None:
        super().__init__()
        parts: list[nn.Module] = []
        norm = partial(nn.BatchNorm2d, eps=0.001)
        if wide != given:
            parts += [nn.Conv2d(given, wide, 1, bias=False), norm(wide), act()]
        deep = nn.Conv2d(wide, wide, size, stride, size // 2, groups=wide, bias=False)
        parts += [deep, norm(wide), act()]
        if gate:
            parts.append(Gate(wide, _rounded(wide // 4)))
        self.block = nn.Sequential(*parts, nn.Conv2d(wide, made, 1, bias=False), norm(made))
        self.is_residual = stride == 1 and given == made

    def forward(self, given: Tensor) -> Tensor:
        """Return features, added to what was given where the sizes allow it."""
        return self.block(given) + given if self.is_residual else self.block(given)


class Gate(nn.Module):
    """Squeeze and excitation."""

    def __init__(self, width: int, narrow: int) -> None:
        super().__init__()
        self.pool, self.fc1, self.fc2 = (
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(width, narrow, 1),
            nn.Conv2d(narrow, width, 1),
        )

    def forward(self, given: Tensor) -> Tensor:
        """Return what was given, each channel weighed."""
        return given * F.hardsigmoid(self.fc2(F.relu(self.fc1(self.pool(given)))))


def _rounded(width: float) -> int:
    found = max(8, int(width + 4) // 8 * 8)
    return found + 8 if found < 0.9 * width else found


_MOBILE = (
    *((3, 16, 16, False, nn.ReLU, 1), (3, 64, 24, False, nn.ReLU, 2), (3, 72, 24, False, nn.ReLU, 1)),
    *((5, 72, 40, True, nn.ReLU, 2), (5, 120, 40, True, nn.ReLU, 1), (5, 120, 40, True, nn.ReLU, 1)),
    *((3, 240, 80, False, nn.Hardswish, 2), (3, 200, 80, False, nn.Hardswish, 1)),
    *((3, 184, 80, False, nn.Hardswish, 1), (3, 184, 80, False, nn.Hardswish, 1)),
    *((3, 480, 112, True, nn.Hardswish, 1), (3, 672, 112, True, nn.Hardswish, 1)),
    *((5, 672, 160, True, nn.Hardswish, 2), (5, 960, 160, True, nn.Hardswish, 1)),
    (5, 960, 160, True, nn.Hardswish, 1),
)


def mobilenet_v3() -> nn.Module:
    """Howard and others 2019, the large one."""
    norm = partial(nn.BatchNorm2d, eps=0.001)
    parts: list[nn.Module] = [nn.Conv2d(3, 16, 3, 2, 1, bias=False), norm(16), nn.Hardswish()]
    given = 16
    for size, wide, made, gate, act, stride in _MOBILE:
        parts.append(Inverted(given, size, wide, made, gate, act, stride))
        given = made
    parts += [nn.Conv2d(160, 960, 1, bias=False), norm(960), nn.Hardswish(), nn.AdaptiveAvgPool2d(1)]
    parts += [nn.Flatten(), nn.Linear(960, 1280), nn.Hardswish(), nn.Dropout(0.2), nn.Linear(1280, 1000)]
    return nn.Sequential(*parts)


class EncoderBlock(nn.Module):
    """A block of a vision transformer."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.ln_1, self.attention = nn.LayerNorm(width), nn.MultiheadAttention(width, 12, batch_first=True)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, width * 4), nn.GELU(), nn.Linear(width * 4, width))

    def forward(self, given: Tensor) -> Tensor:
        """Return tokens."""
        normal = self.ln_1(given)
        given = given + self.attention(normal, normal, normal, need_weights=False)[0]
        return given + self.mlp(self.ln_2(given))


class ViT(nn.Module):
    """Dosovitskiy and others 2020, the base one with patches of 16 pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_proj = nn.Conv2d(3, 768, 16, 16)
        self.class_token = nn.Parameter(torch.zeros(1, 1, 768))
        self.position = nn.Parameter(torch.zeros(1, 197, 768))
        self.encoder = nn.Sequential(*(EncoderBlock(768) for _ in range(12)))
        self.ln, self.head = nn.LayerNorm(768), nn.Linear(768, 1000)

    def forward(self, image: Tensor) -> Tensor:
        """Return logits."""
        tokens = self.conv_proj(image).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.class_token.expand(image.shape[0], -1, -1), tokens], dim=1)
        return self.head(self.ln(self.encoder(tokens + self.position))[:, 0])


class SelfAttention(nn.Module):
    """BERT's attention, with its own projections."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(768, 768) for _ in range(3))

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """Return mixed tokens."""
        parts = [_heads(each(tokens)) for each in (self.query, self.key, self.value)]
        found = F.scaled_dot_product_attention(*parts, attn_mask=mask)
        return found.transpose(1, 2).flatten(2)


def _heads(tokens: Tensor) -> Tensor:
    return tokens.unflatten(-1, (12, 64)).transpose(1, 2)


class BertLayer(nn.Module):
    """One of BERT's twelve layers."""

    def __init__(self) -> None:
        super().__init__()
        self.attention, self.output = SelfAttention(), nn.Linear(768, 768)
        self.norm1, self.norm2 = nn.LayerNorm(768, eps=1e-12), nn.LayerNorm(768, eps=1e-12)
        self.intermediate, self.narrow, self.dropout = (
            nn.Linear(768, 3072),
            nn.Linear(3072, 768),
            nn.Dropout(0.1),
        )

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """Return tokens."""
        tokens = self.norm1(tokens + self.dropout(self.output(self.attention(tokens, mask))))
        return self.norm2(tokens + self.dropout(self.narrow(F.gelu(self.intermediate(tokens)))))


class Bert(nn.Module):
    """Devlin and others 2018, the base one without case, with its pooler."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(30522, 768, padding_idx=0), nn.Embedding(512, 768)
        self.types, self.norm = nn.Embedding(2, 768), nn.LayerNorm(768, eps=1e-12)
        self.layers = nn.ModuleList(BertLayer() for _ in range(12))
        self.pooler = nn.Linear(768, 768)
        self.register_buffer("steps", torch.arange(512)[None], persistent=False)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> dict[str, Tensor]:
        """Return the tokens of the last layer, and one vector for the text."""
        places = self.places(self.steps[:, : input_ids.shape[1]])
        tokens = self.norm(self.words(input_ids) + places + self.types(torch.zeros_like(input_ids)))
        mask = (1.0 - attention_mask[:, None, None].to(tokens.dtype)) * -1e4
        for layer in self.layers:
            tokens = layer(tokens, mask)
        return {"last_hidden_state": tokens, "pooler_output": torch.tanh(self.pooler(tokens[:, 0]))}


class Translator(nn.Module):
    """An LSTM reads a sentence, another writes one; both know words by the same table."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(8000, 256)
        self.encoder = nn.LSTM(256, 512, 2, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(1024, 512)
        self.decoder = nn.LSTM(256, 512, 2, batch_first=True)
        self.logits = nn.Linear(512, 8000)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """Return logits for each step of the target."""
        _, (hidden, cell) = self.encoder(self.words(source))
        first = [torch.tanh(self.bridge(torch.cat([each[0::2], each[1::2]], -1))) for each in (hidden, cell)]
        found, _ = self.decoder(self.words(target), (first[0], first[1]))
        return self.logits(found)


def volumes() -> nn.Module:
    """A C3D-like network over volumes or video."""
    parts: list[nn.Module] = []
    given = 3
    for index, width in enumerate((64, 128, 256)):
        parts += [nn.Conv3d(given, width, 3, padding=1), nn.BatchNorm3d(width), nn.ReLU()]
        parts.append(nn.MaxPool3d((1, 2, 2) if index == 0 else 2))
        given = width
    return nn.Sequential(*parts, nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(256, 101))


def _floats(*shape: int) -> Callable[[int], Tensor]:
    return lambda batch: torch.zeros(batch, *shape)


def _tokens(count: int) -> Callable[[int], Tensor]:
    return lambda batch: torch.zeros(batch, count, dtype=torch.int64)


Known = tuple[Callable[[], nn.Module], Mapping[str, Callable[[int], Tensor]], int]
IMAGE = {"image": _floats(3, 224, 224)}
ZOO: Mapping[str, Known] = {
    "unet": (UNet, {"image": _floats(1, 256, 256)}, 31_036_546),
    "vgg16": (vgg16, {"input": _floats(3, 224, 224)}, 138_357_544),
    "resnet50": (ResNet50, IMAGE, 25_557_032),
    "densenet121": (densenet121, {"input": _floats(3, 224, 224)}, 7_978_856),
    "inception_v3": (InceptionV3, {"image": _floats(3, 299, 299)}, 27_161_264),
    "mobilenet_v3": (mobilenet_v3, {"input": _floats(3, 224, 224)}, 5_483_032),
    "vit_b_16": (ViT, IMAGE, 86_567_656),
    "bert_base": (Bert, {"input_ids": _tokens(128), "attention_mask": _tokens(128)}, 109_482_240),
    "translator": (Translator, {"source": _tokens(20), "target": _tokens(24)}, 0),
    "volumes": (volumes, {"input": _floats(3, 16, 112, 112)}, 0),
}
"""Networks by name: what builds them, what they take for so many samples, and how many parameters papers and
PyTorch's own models have, 0 where there is no such number."""


def build(name: str, device: str = "meta") -> tuple[nn.Module, dict[str, Tensor]]:
    """Return a network that holds no numbers, and what it takes for two samples."""
    make, given, _ = ZOO[name]
    with torch.device(device):
        return make().eval(), {key: value(2) for key, value in given.items()}
