"""The networks that the theme's tests read are those that the tool writes."""

from tests.pipelines.exported import FOLDER, graph, written
from tests.pipelines.zoo import ZOO

SIZES = {"keras-sizes", "onnx-sizes"}
"""Small files with the sizes that their frameworks say; ``tests.pipelines.sized`` writes them."""


def test_the_theme_s_networks_are_fresh() -> None:
    assert {path.stem for path in FOLDER.glob("*[!n].json")} == set(ZOO) | SIZES
    assert (FOLDER / "volumes.json").read_text("utf-8") == written(graph("volumes"))
