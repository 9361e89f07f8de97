"""Figures of networks from the command line: no page, no browser."""

from __future__ import annotations

import io
import json
import os
import re
import struct
import xml.etree.ElementTree as ET
import zlib
from pathlib import Path

import pytest

from sitegen.cli import main
from sitegen.errors import SitegenError
from sitegen.figures import Tables, Wish, check_output, draw, read_detail, read_setting

NETWORKS = Path(__file__).parents[2] / "themes/default/tests/networks"
NET = """from torch import nn


def get_model():
    return nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(5408, {units}))
"""


def network(name: str) -> tuple[str, Tables]:
    return name, json.loads((NETWORKS / f"{name}.json").read_text("utf-8"))


def objects(pdf: bytes) -> dict[int, tuple[bytes, bytes]]:
    """Return the dictionary and the unpacked stream of each object, by the table at the end of the file."""
    table = int(re.findall(rb"startxref\n(\d+)", pdf)[-1])
    places = [int(row[:10]) for row in re.findall(rb"\d{10} \d{5} n ", pdf[table:])]
    found = {}
    for number, place in enumerate(places, start=1):
        body = pdf[place : pdf.index(b"endobj", place)]
        assert body.startswith(b"%d 0 obj" % number)
        head, _, stream = body.partition(b"\nstream\n")
        found[number] = head, zlib.decompress(stream[: -len(b"\nendstream\n")]) if stream else b""
    return found


def texts(pdf: bytes) -> list[str]:
    """Return what each text of the page says, letter by letter as its font tells."""
    found = objects(pdf)
    [page] = [head for head, _ in found.values() if b"/Type/Page/" in head]
    letters = []
    for number in re.findall(rb"/F\d+ (\d+) 0 R", page):
        [told] = re.findall(rb"/ToUnicode (\d+) 0 R", found[int(number)][0])
        pairs = re.findall(rb"<(\w{4})><(\w+)>", found[int(told)][1])
        letters.append({glyph: bytes.fromhex(code.decode()).decode("utf-16-be") for glyph, code in pairs})
    [content] = re.findall(rb"/Contents (\d+) 0 R", page)
    said = []
    for text in re.findall(rb"BT .*? ET", found[int(content)][1]):
        runs = re.findall(rb"/F(\d+) [\d.]+ Tf <(\w*)>", text)
        glyphs = ((int(font), run[at : at + 4]) for font, run in runs for at in range(0, len(run), 4))
        said.append("".join(letters[font][glyph] for font, glyph in glyphs))
    return said


@pytest.mark.parametrize("preset", ["unet", "resnet", "monochrome", "3d"])
def test_a_pdf_is_as_wide_as_the_column_and_says_what_the_svg_says(preset: str) -> None:
    wish = Wish(("ieee-column", preset), {"names": "all"})
    drawn, svg = (draw([network("unet")], suffix, wish, "unet") for suffix in (".pdf", ".svg"))
    found = re.search(rb"/MediaBox\[0 0 ([\d.]+) ([\d.]+)\]", drawn.content)
    assert found
    assert float(found[1]) == 252
    assert float(found[2]) == pytest.approx(drawn.height, abs=0.1)
    root = ET.fromstring(svg.content)
    assert texts(drawn.content) == [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert b"/Subtype/Image" not in drawn.content
    again = draw([network("unet")], ".pdf", wish, "unet")
    assert again.content == drawn.content


def test_a_pdf_has_the_letters_that_it_needs_and_no_others() -> None:
    image_font = pytest.importorskip("PIL.ImageFont")
    drawn = draw([network("vgg16")], ".pdf", Wish(("ieee-column",)), "vgg16")
    found = objects(drawn.content)
    fonts = [head for head, _ in found.values() if b"/FontDescriptor/FontName" in head]
    assert fonts
    assert all(re.search(rb"/FontName/[A-Z]{6}\+Inter-(Regular|SemiBold)", font) for font in fonts)
    for font in fonts:
        [number] = re.findall(rb"/FontFile2 (\d+) 0 R", font)
        outlines = found[int(number)][1]
        image_font.truetype(io.BytesIO(outlines), 12)  # FreeType takes it
        assert len(outlines) < 30_000


def test_letters_that_the_font_has_not_are_told() -> None:
    tables = json.loads((NETWORKS / "volumes.json").read_text("utf-8"))
    tables["layers"]["type"] = ["層" if each == "Conv3d" else each for each in tables["layers"]["type"]]
    drawn = draw([("volumes", tables)], ".pdf", Wish(("slide",)), "volumes")
    assert [each for each in drawn.notices if "層" in each]
    assert draw([("volumes", tables)], ".svg", Wish(("slide",)), "volumes").notices == ()


def test_a_png_has_the_dots_that_were_asked_for() -> None:
    pytest.importorskip("vl_convert")
    drawn = draw([network("volumes")], ".png", Wish(("acm-page",), dpi=150), "volumes")
    width, height = struct.unpack(">II", drawn.content[16:24])
    assert width == pytest.approx(506.3 / 72 * 150, abs=1.5)
    assert height == pytest.approx(drawn.height / 72 * 150, abs=1.5)


def test_an_svg_is_text_and_stands_alone() -> None:
    drawn = draw([network("unet")], ".svg", Wish(("slide", "unet")), "unet")
    root = ET.fromstring(drawn.content)
    assert root.get("width") == "960pt"
    texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"1024", "Conv2d with BatchNorm2d, ReLU"} <= set(texts)
    assert b"var(--" not in drawn.content
    assert drawn.glyphs == 24


def test_a_wish_that_cannot_be_met_offers_the_nearest() -> None:
    wish = Wish(("ieee-columm",), {"nams": "all", "stroke": 99})
    with pytest.raises(SitegenError) as error:
        draw([network("volumes")], ".svg", wish, "volumes")
    said = str(error.value)
    assert all(each in said for each in ('"ieee-column"?', '"names"?', '"stroke" is not a number'))


@pytest.mark.parametrize(("text", "value"), [("a=1.5", 1.5), ("a=true", True), ("a=log", "log")])
def test_a_setting_is_a_number_a_flag_or_a_word(text: str, value: object) -> None:
    assert read_setting(text) == ("a", value)


def test_what_cannot_be_written_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    for refuse in (
        lambda: check_output(tmp_path / "a.jpg", 300),
        lambda: check_output(tmp_path / "a.png", 1),
        lambda: check_output(tmp_path / "none/a.svg", 300),
        lambda: read_setting("names"),
        lambda: read_detail("-1"),
    ):
        with pytest.raises(SitegenError):
            refuse()


def test_a_python_file_is_drawn_when_it_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, units in (("first", 10), ("second", 20)):
        Path(f"{name}.py").write_text(NET.format(units=units), "utf-8")
    shapes = ["--shapes", "1x28x28"]
    assert main(["figure", "first.py", *shapes, "-o", "a.svg"]) == 1
    assert "--trust" in capsys.readouterr().err
    assert not Path("a.svg").exists()
    assert main(["figure", "first.py", *shapes, "--trust", "-o", "a.tex"]) == 0
    assert "\\begin{tikzpicture}" in Path("a.tex").read_text("utf-8")
    capsys.readouterr()
    assert main(["figure", "first.py", *shapes, "--trust", "--diff", "second.py", "-o", "d.svg"]) == 0
    assert "out_features 10 → 20" in capsys.readouterr().out


GALLERY = {
    "vgg16": ("vgg16", ("slide",)),
    "unet": ("unet", ("slide", "unet")),
    "unet-column": ("unet", ("ieee-column", "unet")),
    "resnet": ("resnet50", ("slide", "resnet")),
    "monochrome": ("vit_b_16", ("slide", "monochrome")),
    "3d": ("volumes", ("slide", "3d")),
}


@pytest.mark.parametrize("name", GALLERY)
def test_the_gallery_shows_what_is_drawn_today(name: str) -> None:
    kept = Path(__file__).parents[2] / "content/static/figures" / f"{name}.svg"
    drawn, presets = GALLERY[name]
    content = draw([network(drawn)], ".svg", Wish(presets), drawn).content
    if os.environ.get("SITEGEN_WRITE"):
        kept.write_bytes(content)
    assert content == kept.read_bytes(), "look at it; with SITEGEN_WRITE=1 it is drawn anew"


RESIDUAL = """import torch
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(8, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x):
        return torch.relu(self.conv2(torch.relu(self.conv1(x))) + x)


def get_model():
    stem = nn.Conv2d(3, 8, 3, padding=1)
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10)]
    return nn.Sequential(stem, *(Block() for _ in range(6)), *head)
"""


def test_net2vis_24_and_torchview_118_code_of_pytorch_is_drawn_with_its_repeated_blocks_folded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    net, output = tmp_path / "net.py", tmp_path / "net.svg"
    net.write_text(RESIDUAL, "utf-8")
    assert main(["figure", str(net), "--trust", "--shapes", "3x32x32", "-o", str(output)]) == 0
    said = [each.text or "" for each in ET.parse(output).iter("{http://www.w3.org/2000/svg}text")]
    assert any("\u00d76" in each for each in said)
    assert {"32\u00d732", "10"} <= set(said)
    every = tmp_path / "every.svg"
    assert main([*(f"figure {net} --trust --shapes 3x32x32 --detail all -o".split()), str(every)]) == 0
    # Six blocks of five steps, a stem, three layers behind, an input and an output.
    assert f"{6 * 5 + 6} glyphs" in capsys.readouterr().out


def test_what_is_no_network_is_refused_in_one_message(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"\x08\xff" * 40)
    assert main(["figure", str(tmp_path / "net.onnx"), "-o", str(tmp_path / "a.svg")]) == 1
