"""The networks that the theme's tests read are those that the tool writes."""

from tests.pipelines.exported import FOLDER, graph, written
from tests.pipelines.zoo import ZOO


def test_the_theme_s_networks_are_fresh() -> None:
    assert {path.stem for path in FOLDER.glob("*[!n].json")} == set(ZOO)
    assert (FOLDER / "volumes.json").read_text("utf-8") == written(graph("volumes"))
