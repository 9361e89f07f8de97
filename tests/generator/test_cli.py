"""The command line: what it prints, where, and how it exits."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sitegen import __version__
from sitegen.arguments import parser
from sitegen.cli import _command, main
from tests.generator.reports import Report

PIPELINES = """
[datasets.digits]
source = "digits"
[tools.digits]
tool = "classification"
dataset = "digits"
model = "cnn"
[models.cnn]
source = "cnn"
"""


def test_says_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"sitegen {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [[], ["biuld"], ["build", "--fast"], ["serve", "--port", "http"], ["serve", "--port", "99999"]],
)
def test_a_wrong_command_line_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2


def test_a_template_that_is_not_there_has_a_nearest_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["init", "report", "--template", "clasification"])
    assert left.value.code == 2
    assert 'no template "clasification": did you mean "classification"?' in capsys.readouterr().err


def test_build_says_where_the_site_is_and_what_pages_weigh(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    report.write("content/index.md", "# Front\n")
    assert report.command("build") == 0
    said = capsys.readouterr().out
    site = report.folder / "site"
    assert (site / "index.html").is_file()
    assert f"{site} is built (" in said
    assert f" -m http.server --bind 127.0.0.1 --directory {site}" in said
    assert f"sitegen -C {report.folder} serve" in said
    assert any(line.startswith("index.html ") for line in said.splitlines())


def test_a_reader_who_has_enough_is_no_failure(report: Report) -> None:
    report.write("content/index.md", "# Front\n")
    command = [sys.executable, "-m", "sitegen", "-C", str(report.folder), "list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def test_build_lists_a_screenful_of_pages_and_warnings(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    report.write("content/index.md", "# Front\n")
    for number in range(40):
        report.write(f"content/page-{number}.md", f"# Page {number}\n\n{list(range(number * 40))}\n")
    assert report.command("build") == 0
    said = capsys.readouterr()
    assert said.err.count("no text links to this page, only a menu") == 12
    assert "… and 28 more warnings" in said.err
    assert "… the heaviest 20 of 41 pages" in said.out
    assert "page-39.html" in said.out
    assert "page-0.html" not in said.out


def test_build_writes_where_it_is_told(report: Report, tmp_path: Path) -> None:
    report.write("content/index.md", "# Front\n")
    assert report.command("build", "--output", str(tmp_path / "elsewhere")) == 0
    assert (tmp_path / "elsewhere" / "index.html").is_file()
    assert not (report.folder / "site").exists()


def test_check_writes_nothing(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    report.write("content/index.md", "# Front\n")
    assert report.command("check") == 0
    assert capsys.readouterr().out == "1 page, nothing to mend\n"
    assert not (report.folder / "site").exists()


def test_strict_makes_a_warning_an_error(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    report.write("content/index.md", "# Front\n\n```pythn\n```\n")
    assert report.command("check") == 0
    warning = capsys.readouterr().err
    assert warning.startswith('warning: content/index.md:3: code in an unknown language "pythn"\n')
    assert report.command("check", "--strict") == 1
    assert "warning: " + capsys.readouterr().err == warning


def test_a_missing_settings_file_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(tmp_path), "build"]) == 1
    assert capsys.readouterr().err == (
        "sitegen.toml: there is no such file\n"
        "  run sitegen in a report's folder, or name it: sitegen -C FOLDER, --config FILE (sitegen.toml)\n"
    )


def test_run_names_the_extra_that_is_missing(
    report: Report, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    report.write("sitegen.toml", report.settings.read_text() + PIPELINES)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert report.command("run") == 1
    assert "explainsite[pipelines]" in capsys.readouterr().err


def test_building_needs_no_library_of_the_pipelines(report: Report) -> None:
    report.write("content/index.md", "# Front\n")
    script = (
        "import sys\n"
        "for name in ('torch', 'sklearn', 'umap', 'numba', 'pandas', 'PIL'):\n"
        "    sys.modules[name] = None\n"
        "from sitegen.cli import main\n"
        f"sys.exit(main(['-C', {str(report.folder)!r}, 'build']))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_bug_prints_its_stack(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitegen.commands.build.build", lambda *_, **__: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        report.command("build")


@pytest.mark.parametrize("stopped", [KeyboardInterrupt(), RuntimeError("Query interrupted")])
def test_an_interrupt_prints_no_stack(
    report: Report,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    stopped: BaseException,
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise stopped

    monkeypatch.setattr("sitegen.commands.build.build", stop)
    assert report.command("build") == 1
    assert capsys.readouterr().err.strip() == ""


def test_a_screenful_is_the_most_that_is_said(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    links = "\n".join(f"[{number}](missing{number}.md)" for number in range(100))
    report.write("content/index.md", f"# Front\n\n{links}\n")
    assert report.command("build") == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith('content/index.md:3: the link "missing0.md" leads nowhere')
    assert lines[-1] == "… and 88 more"
    assert len(lines) <= 25


def test_the_module_is_the_command(report: Report) -> None:
    report.write("content/index.md", "# Front\n")
    command = [sys.executable, "-m", "sitegen", "-C", str(report.folder), "check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert (done.returncode, done.stdout) == (0, "1 page, nothing to mend\n")


def test_every_command_is_a_module() -> None:
    (commands,) = (each for each in parser()._actions if isinstance(each, argparse._SubParsersAction))
    assert [name for name in commands.choices if not callable(_command(name))] == []


def test_building_text_loads_nothing_that_only_other_reports_and_commands_need(report: Report) -> None:
    report.write("content/index.md", "# Front\n\n`code` and a [link](https://example.org/)\n")
    script = (
        "import sys\n"
        "from sitegen.cli import main\n"
        f"main(['-C', {str(report.folder)!r}, 'build', '--fresh'])\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert "sitegen.commands.build" in loaded
    commands = {name for name in loaded if name.startswith("sitegen.commands.")}
    assert commands == {f"sitegen.commands.{name}" for name in ("build", "calling", "telling")}
    others = {"archive", "cards", "difference", "doctor", "explain", "figures", "notebook", "publish"}
    others |= {"reference", "schema", "serve", "starters"}
    assert loaded & {f"sitegen.{name}" for name in others} == set()
    heavy = {"duckdb", "pyarrow", "numpy", "PIL", "py_mini_racer", "pybtex", "email", "http", "ssl"}
    assert loaded & {*heavy, "importlib.metadata", "watchfiles", "pipelines.runner"} == set()
