"""Runs: settings checked whole, inputs first, nothing computed twice, nothing of anybody's lost."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines import __main__, config, contract, runner
from pipelines.config import Config, ToolSettings
from pipelines.contract import ContractError, Manifest
from pipelines.progress import Diary, Progress, Steps
from pipelines.registry import Registry

CSV = "id,label,prediction\n1,a,a\n2,b,a\n"
TOML = """
[datasets.told]
source = "told.csv"
[models.own]
source = "columns"
[tools.told]
tool = "classification"
dataset = "told"
model = "own"
"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    (tmp_path / "told.csv").write_text(CSV)
    (tmp_path / "sitegen.toml").write_text(TOML)
    return tmp_path


def steps_of(report: Path, **keywords: Any) -> list[str]:
    seen: list[Progress] = []
    runner.run(config.load(report / "sitegen.toml"), report, report=seen.append, **keywords)
    return [progress.step for progress in seen if progress.seconds is None]


def test_says_every_problem_of_the_settings_at_once() -> None:
    wrong = {
        "dataset": {},
        "datasets": {"a": {"sorce": "digits"}},
        "models": {"m": {"source": "cnn", "epochs": 0, "ephocs": 3}, "n": {"source": "columnns"}},
        "tools": {
            "T": {"tool": "classification", "dataset": "a", "model": "mm"},
            "p": {"tool": "projektion"},
            "q": {"tool": "projection", "model": "m", "inputs": {"embedding": "x/y"}},
        },
    }
    with pytest.raises(ContractError) as caught:
        config.read(wrong, Registry())
    said = str(caught.value)
    for part in (
        'dataset is not known\n  did you mean "datasets"?',
        'datasets.a.sorce is not known\n  did you mean "source"?',
        "datasets.a.source is missing",
        'models.m.epochs does not fit: parameter "epochs" is 0, outside 1 to 1000',
        'models.m.ephocs is not known\n  did you mean "epochs"?',
        'models.n.source "columnns" is not known\n  did you mean "columns"?',
        'the name tools.T is "T", which is not allowed there',
        'tools.T.model "mm" is not known\n  did you mean "m"?',
        'tools.p.tool "projektion" is not known\n  did you mean "projection"?',
        "tools.q.model is not read by projection",
        'tools.q.inputs.embedding is not known\n  did you mean "embeddings"?',
        "tools.q names nothing to read\n  projection reads one of: inputs.embeddings, dataset",
    ):
        assert part in said
    assert "tools.T.dataset" not in said  # it names a dataset that is there, however wrong


@pytest.mark.parametrize("section", ["datasets", "models", "tools"])
def test_says_that_a_section_is_no_table(section: str) -> None:
    with pytest.raises(ContractError, match=f"{section} is 3, not an object"):
        config.read({section: 3, "build": 4}, Registry())


def test_leaves_other_sections_to_others_and_fills_in_defaults() -> None:
    read = config.read({"site": {"title": "x"}, "models": {"m": {"source": "cnn"}}}, Registry())
    assert read.models["m"].parameters["seed"] == 0
    assert read.tools == {}


def chain(**needs: list[str]) -> Config:
    return Config(
        {},
        {},
        {
            name: ToolSettings(
                "projection", inputs={str(index): f"{need}/t" for index, need in enumerate(wanted)}
            )
            for name, wanted in needs.items()
        },
    )


def test_runs_inputs_first_and_only_what_is_needed() -> None:
    settings = chain(d=["b", "c"], c=["a"], b=["a"], a=[], other=[])
    order = runner.ordered(settings, ["d"])
    assert sorted(order) == ["a", "b", "c", "d"]
    assert order[0] == "a"
    assert order[-1] == "d"
    assert set(runner.ordered(settings, [])) == {"a", "b", "c", "d", "other"}


def test_says_the_circle_that_tools_make() -> None:
    with pytest.raises(ContractError, match=r"tools need each other in a circle: (a → b → a|b → a → b)"):
        runner.ordered(chain(a=["b"], b=["a"]), [])


def test_names_the_nearest_tool(report: Path) -> None:
    with pytest.raises(ContractError, match=r'there is no tools\.tolt\n  did you mean "told"'):
        steps_of(report, names=["tolt"])
    with pytest.raises(ContractError, match='there is no tool "projektion"\n  did you mean "projection"'):
        Registry().spec("projektion")


def test_computes_once_and_again_when_something_changed(report: Path) -> None:
    assert steps_of(report) == ["load"]
    first = contract.read_manifest(report / "artifacts" / "told")
    assert steps_of(report) == ["cached"]
    assert contract.read_manifest(report / "artifacts" / "told") == first
    assert steps_of(report, force=True) == ["load"]
    (report / "told.csv").write_text(CSV + "3,b,b\n")
    assert steps_of(report) == ["load"]
    second = contract.read_manifest(report / "artifacts" / "told")
    assert second.key != first.key
    assert second.inputs != first.inputs
    (report / "sitegen.toml").write_text(
        TOML.replace('source = "told.csv"', 'source = "told.csv"\nlicence = "CC0"')
    )
    assert steps_of(report) == ["load"]


@pytest.mark.parametrize("file", ["samples.parquet", "manifest.json"])
def test_computes_again_what_was_damaged(report: Path, file: str) -> None:
    steps_of(report)
    path = report / "artifacts" / "told" / file
    path.write_bytes(path.read_bytes()[:-5])
    assert steps_of(report) == ["load"]
    manifest = contract.read_manifest(report / "artifacts" / "told")
    assert contract.verify(report / "artifacts" / "told", manifest) == []


def test_two_runs_by_the_same_clock_are_the_same_bytes(report: Path) -> None:
    def content() -> dict[str, bytes]:
        ticks = itertools.count()
        steps_of(report, force=True, clock=lambda: next(ticks))
        return {path.name: path.read_bytes() for path in (report / "artifacts" / "told").iterdir()}

    assert content() == content()


def test_keeps_the_last_good_artifact_when_a_run_fails(report: Path) -> None:
    steps_of(report)
    before = contract.read_manifest(report / "artifacts" / "told")
    (report / "told.csv").write_text("id,label,prediction\n1.5,a,a\n1,b,b\n")
    with pytest.raises(ContractError, match='column "id" holds ids as floating-point numbers'):
        steps_of(report)
    assert contract.read_manifest(report / "artifacts" / "told") == before
    assert sorted(path.name for path in (report / "artifacts").iterdir()) == [".lock", "history.json", "told"]


def test_does_not_replace_a_folder_that_no_run_wrote(report: Path) -> None:
    own = report / "artifacts" / "told"
    own.mkdir(parents=True)
    (own / "thesis.tex").write_text("years of work")
    with pytest.raises(ContractError, match="is no artifact and is not replaced"):
        steps_of(report)
    assert (own / "thesis.tex").read_text() == "years of work"


def test_waits_for_nobody_and_says_who_is_writing(report: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from pipelines.folders import exclusive\n"
        "with exclusive(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(report / "artifacts")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        left = report / "artifacts" / ".told.0123abcd.tmp"
        left.mkdir()
        with pytest.raises(ContractError, match=f"process {other.pid} is writing here"):
            steps_of(report)
        assert left.exists()
        other.communicate("")
    assert steps_of(report) == ["load"]
    assert not left.exists()


def test_device_must_be_here(report: Path) -> None:
    with pytest.raises(ContractError, match='"gpu" is not known'):
        steps_of(report, device="gpu")
    with pytest.raises(ContractError, match='there is no device "mps" here\n  use one of: auto, cpu'):
        steps_of(report, device="mps")
    assert steps_of(report, device="auto") == ["load"]
    assert contract.read_manifest(report / "artifacts" / "told").device == "cpu"


def test_progress_tells_the_time_left() -> None:
    seen: list[Progress] = []
    now = iter([0.0, 0.0, 2.0, 8.0, 10.0])
    steps = Steps("digits", lambda: next(now), seen.append)
    with steps.step("train", 10) as advance:
        advance(2)
        advance(8)
    left = [(progress.done, progress.seconds_left) for progress in seen]
    assert left == [(0, None), (2, 8.0), (8, 2.0), (10, None)]
    assert [progress.seconds for progress in seen] == [None, None, None, 10.0]
    assert steps.seconds == {"train": 10.0}


def test_a_diary_has_two_lines_a_step() -> None:
    seen: list[Progress] = []
    steps = Steps("digits", iter(range(10_000)).__next__, seen.append)
    for _ in range(2):
        with steps.step("train", 1200) as advance:
            for done in range(1200):
                advance(done)
    with pytest.raises(ZeroDivisionError), steps.step("predict"):
        _ = 1 / 0
    seen.append(Progress("map", "cached", 1, 1, 0.0))
    diary = Diary(lambda: 0.0)
    step = ["digits: train of 1,200", "digits: train of 1,200 done, 1202.0 s"]
    entries = [entry for progress in seen if (entry := diary.entry(progress))]
    assert entries == [*step, *step, "digits: predict", "map: cached"]


def test_code_digest_loads_no_framework() -> None:
    script = (
        "import sys; from pipelines.registry import Registry; tools = Registry()\n"
        "print([len(tools.digest(name)) for name in tools] == [64] * len(list(tools)),"
        " {'keras', 'tensorflow', 'torch', 'onnx', 'sklearn'} & set(sys.modules) or '')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


def test_log_hears_of_a_long_step_every_half_minute() -> None:
    ticks = itertools.count()
    diary = Diary(lambda: float(next(ticks)))  # a second a report
    steps = [Progress("digits", "train", done, 100, 100.0 - done) for done in range(100)]
    entries = [entry for progress in steps if (entry := diary.entry(progress))]
    told = [f"digits: train {done}/100, {100 - done} s left" for done in (30, 60, 90)]
    assert entries == ["digits: train of 100", *told]


def test_code_digest_follows_meaning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines import code

    assert Registry().digest("classification") != Registry().digest("projection")
    package = tmp_path / "made"
    (package / "tool").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "tool" / "__init__.py").write_text("")
    (package / "tool" / "spec.py").write_text("SPEC = 1\n")
    (package / "deep.py").write_text("ANSWER = 42\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(code, "PACKAGE", "made")

    def digest(compute: str) -> str:
        (package / "tool" / "compute.py").write_text(compute)
        return code.source_digest.__wrapped__("made.tool")

    first = digest("from made import deep\ndef compute():\n    return deep.ANSWER\n")
    assert first == digest(
        '"""Said."""\nfrom made import deep\ndef compute():\n    "why"\n    return deep.ANSWER  # so\n'
    )
    assert first != digest("from made import deep\ndef compute():\n    return deep.ANSWER + 1\n")
    first = digest("from made import deep\n")
    (package / "deep.py").write_text("ANSWER = 43\n")
    assert first != digest("from made import deep\n")


def test_listing_and_running_columns_import_nothing_heavy(report: Path) -> None:
    script = (
        "import sys; from pipelines.__main__ import main\n"
        "status = main(sys.argv[1:])\n"
        "loaded = {'torch', 'umap', 'sklearn', 'PIL', 'scipy'} & sys.modules.keys()\n"
        "sys.exit(f'{status} {loaded}' if status or loaded else 0)"
    )
    for command in ("run", "list", "verify"):
        arguments = [command, "--config", str(report / "sitegen.toml")]
        done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True)
        told = re.sub(r"\d+\.\d s", "… s", done.stderr)
        log = "told: load of 2\ntold: load of 2 done, … s\n" if command == "run" else ""
        assert (done.returncode, told) == (0, log)


def test_command_line(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = ["--config", str(report / "sitegen.toml")]
    assert __main__.main(["run", "told", *settings]) == 0
    assert __main__.main(["list", *settings]) == 0
    assert __main__.main(["verify", *settings]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "told: samples 2"
    assert printed[1].startswith("architecture 2: ")
    assert printed[2].startswith("classification 2: ")
    assert printed[-2:] == [
        "artifact told (classification): told/samples",
        "1 artifacts are as their manifests say",
    ]
    (report / "artifacts" / "told" / "samples.parquet").unlink()
    assert __main__.main(["verify", *settings]) == 1
    assert "samples.parquet: is missing" in capsys.readouterr().err
    assert __main__.main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == contract.manifest_schema()
    assert __main__.main(["run", "--config", str(report / "none.toml")]) == 1
    assert "none.toml: is missing" in capsys.readouterr().err


def test_published_schema_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    __main__.main(["schema"])
    published = Path(contract.__file__).with_name("manifest.schema.json").read_text("utf-8")
    assert capsys.readouterr().out == published


def test_writes_where_the_settings_say(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (report / "sitegen.toml").write_text(TOML + '[build]\nartifacts = "results/all"\n')
    for command in ("run", "verify"):
        assert __main__.main([command, "--config", str(report / "sitegen.toml")]) == 0
    assert (report / "results" / "all" / "told" / "manifest.json").is_file()
    assert "1 artifacts are" in capsys.readouterr().out


def test_says_where_a_toml_file_is_wrong(report: Path) -> None:
    (report / "sitegen.toml").write_text("[datasets\n")
    with pytest.raises(
        ContractError, match=r"sitegen\.toml:1:10: not TOML: the name of the table is not closed"
    ):
        config.load(report / "sitegen.toml")
    (report / "sitegen.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(ContractError, match=r"sitegen\.toml: is not UTF-8 text"):
        config.load(report / "sitegen.toml")


def test_projection_runs_after_what_it_reads(told: Callable[..., Manifest], tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    vectors = pa.array([[float(index), 1.0] for index in range(5)], pa.list_(pa.float32()))
    data = {"prediction": list("ababa"), "embedding": vectors}
    pq.write_table(pa.table(data), tmp_path / "told.parquet")
    settings = {
        "datasets": {"told": {"source": "told.parquet", "licence": "CC0"}},
        "models": {"own": {"source": "columns"}},
        "tools": {
            "a-plane": {"tool": "projection", "inputs": {"embeddings": "told/embeddings"}},
            "told": {"tool": "classification", "dataset": "told", "model": "own"},
        },
    }
    first, second = runner.run(settings, tmp_path, ["a-plane"])
    assert (first.name, second.name) == ("told", "a-plane")
    assert (second.dataset, second.licence, second.classes) == ("told", "CC0", ("a", "b"))
    assert second.tables[0].entity == "told"
    assert set(second.inputs) == {"told/embeddings"}
    pq.write_table(pa.table({**data, "note": list("abcde")}), tmp_path / "told.parquet")
    third, fourth = runner.run(settings, tmp_path)
    assert third.key != first.key
    assert (
        fourth == second
    )  # the embeddings are the same bytes, so what follows from them is not computed again


def test_tools_of_a_run_share_one_training(tmp_path: Path) -> None:
    report: dict[str, Any] = {
        "datasets": {"digits": {"source": "digits"}},
        "models": {"small": {"source": "cnn", "epochs": 1, "width": 4}},
        "tools": {
            name: {"tool": tool, "dataset": "digits", "model": "small"}
            for name, tool in {"read": "classification", "units": "inactive_units"}.items()
        },
    }
    steps: list[tuple[str, str]] = []
    runner.run(
        report, tmp_path, device="cpu", report=lambda progress: steps.append((progress.name, progress.step))
    )
    assert {name for name, step in steps if step == "train"} == {"read"}
    folder = tmp_path / "artifacts" / "units"
    shared = contract.read_manifest(folder)
    (alone,) = runner.run(report, tmp_path, ["units"], device="cpu", force=True)
    assert (alone.tables, alone.key) == (shared.tables, shared.key)
