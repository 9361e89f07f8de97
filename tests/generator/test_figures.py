"""Figures of networks from the command line: no page, no browser."""

from __future__ import annotations

import json
import re
import struct
import xml.etree.ElementTree as ET
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


def test_a_pdf_is_as_wide_as_the_column_and_has_its_font_in_it() -> None:
    pytest.importorskip("vl_convert")
    drawn = draw([network("vgg16")], ".pdf", Wish(("ieee-column",)), "vgg16")
    found = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", drawn.content)
    assert found
    assert float(found[1]) == 252
    assert float(found[2]) == pytest.approx(drawn.height, abs=0.1)
    assert b"+Inter-Regular" in drawn.content
    assert b"/FontFile2" in drawn.content
    assert b"/ToUnicode" in drawn.content  # text that can be searched and copied
    assert b"/Subtype /Image" not in drawn.content


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


def test_what_is_no_network_is_refused_in_one_message(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"\x08\xff" * 40)
    assert main(["figure", str(tmp_path / "net.onnx"), "-o", str(tmp_path / "a.svg")]) == 1
