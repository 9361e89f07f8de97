"""The guides are tested: what they show is taken from their pages and run."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from pipelines import config
from pipelines.registry import registry
from sitegen import cli
from sitegen.bundled import THEMES
from tests.generator.reports import write_tables

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "content" / "guides"
THEME = ROOT / "themes" / "default"


def blocks(guide: str, language: str) -> list[str]:
    """Return the code blocks of a guide in one language, in order."""
    text = (GUIDES / f"{guide}.md").read_text("utf-8")
    fences = re.findall(r"^(`{3,})(\S*)\n(.*?)^\1$", text, flags=re.MULTILINE | re.DOTALL)
    return [body for _, name, body in fences if name == language]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_commands(text: str) -> None:
    for line in text.splitlines():
        name, *arguments = shlex.split(line)
        assert name == "sitegen"
        assert cli.main(arguments) == 0, line


def test_the_first_report_is_made_as_it_says(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(blocks("first-report", "python")[0], "first-report.md", "exec"), {})
    start, make = blocks("first-report", "bash")
    run_commands(start)
    tree = re.findall(r"^  (\S+)", blocks("first-report", "text")[1], flags=re.MULTILINE)
    found = [path.relative_to("wines").as_posix() for path in Path("wines").rglob("*") if path.is_file()]
    assert sorted(tree) == sorted(found)
    run_commands(make)
    with Path("wines/content/index.md").open("a", encoding="utf-8") as page:
        page.write(f"\n{blocks('first-report', 'markdown')[0]}")
    run_commands("sitegen -C wines build\nsitegen -C wines list\nsitegen -C wines explain index.md")
    assert 'id="alcohol"' in Path("wines/site/index.html").read_text("utf-8")
    warnings = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning")]
    assert {"the card is unfinished" in line for line in warnings} == {True}


def test_an_architecture_is_read_as_its_guide_says(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("net.py").write_text(blocks("architecture", "python")[0])
    Path("sitegen.toml").write_text(f'[site]\ntitle = "Nets"\n{blocks("architecture", "toml")[1]}')
    assert cli.main(["run"]) == 1
    assert "run again with --trust" in capsys.readouterr().err
    run_commands("sitegen run --trust")
    assert "read from model own: framework = torch, parameter_count = 54170" in capsys.readouterr().out


def written_pipeline(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name, text in zip(("spec.py", "compute.py"), blocks("add-a-pipeline", "python"), strict=True):
        (folder / name).write_text(text)


def written_report(folder: Path) -> None:
    (folder / "content").mkdir(parents=True)
    (folder / "sitegen.toml").write_text(blocks("add-a-pipeline", "toml")[0])
    (folder / "content" / "index.md").write_text(blocks("add-a-pipeline", "markdown")[0])


def test_a_pipeline_of_the_reports_own_runs(here: Path) -> None:
    written_report(here)
    written_pipeline(here / "pipelines" / "frequencies")
    run_commands("sitegen run\nsitegen build --strict")
    page = (here / "site" / "index.html").read_text("utf-8")
    assert re.findall(r">(setosa|versicolor|virginica)</td>", page) == ["setosa", "versicolor", "virginica"]


def test_a_pipeline_reads_another_tools_table(here: Path) -> None:
    text = (GUIDES / "add-a-pipeline.md").read_text("utf-8")
    inputs = re.findall(r"`(Input\(.+?\))`", text)
    assert len(inputs) == 2
    other = '[datasets.d]\nsource = "digits"\n[models.m]\nsource = "cnn"\n[tools.digits]\n'
    other += 'tool = "classification"\ndataset = "d"\nmodel = "m"\n'
    settings = tomllib.loads(other + blocks("add-a-pipeline", "toml")[1])
    (here / "pipelines" / "clusters").mkdir(parents=True)
    for written in inputs:
        spec = (
            f'from pipelines.contract import Input, Spec\nSPEC = Spec("clusters", 1, "", "", ({written},))\n'
        )
        (here / "pipelines" / "clusters" / "spec.py").write_text(spec)
        read = config.read(settings, registry(here))
        assert read.upstream("groups") == {"embeddings": ("digits", "embeddings")}


def test_a_pipeline_of_a_package_runs(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written_report(here / "report")
    written_pipeline(here / "packages" / "counting" / "frequencies")
    offered(here / "packages", "counting", blocks("add-a-pipeline", "toml")[2])
    monkeypatch.syspath_prepend(here / "packages")
    run_commands("sitegen -C report run\nsitegen -C report build --strict")


def offered(packages: Path, name: str, project: str) -> None:
    """Write what installing a project leaves of its entry points."""
    facts = packages / f"{name}-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    group, entry = re.findall(r'^\[project\.entry-points\."(.+)"\]\n(.+)$', project, flags=re.MULTILINE)[0]
    (facts / "entry_points.txt").write_text(f"[{group}]\n{entry.replace(chr(34), '')}\n")


def write_theme(here: Path) -> None:
    (here / "content").mkdir()
    (here / "sitegen.toml").write_text(blocks("add-a-theme", "toml")[0])
    front = blocks("add-a-theme", "yaml")[0]
    (here / "content" / "index.md").write_text(f"---\n{front}---\n\n# Dear reader\n")
    exec(compile(blocks("add-a-theme", "python")[0], "add-a-theme.md", "exec"), {})
    with (here / "themes/house/dist/styles.css").open("a", encoding="utf-8") as styles:
        styles.write(blocks("add-a-theme", "css")[0])
    (here / "themes/house/templates/letter.html").write_text(blocks("add-a-theme", "html")[0])


def test_a_theme_starts_from_the_default_one(here: Path) -> None:
    write_theme(here)
    run_commands("sitegen build --strict")
    page = (here / "site" / "index.html").read_text("utf-8")
    assert '<p class="letterhead">A report of ours</p>' in page
    styles = next((here / "site" / "assets").glob("styles*.css")).read_text("utf-8")
    assert "#7a1f5c" in styles
    for name in re.findall(r"^  (--[\w-]+):", blocks("add-a-theme", "css")[0], flags=re.MULTILINE):
        assert f"var({name})" in styles
    assert "site-footer" in page


def test_a_theme_changes_what_another_has(here: Path) -> None:
    (here / "content").mkdir()
    (here / "content" / "index.md").write_text("# Dear reader\n")
    (here / "sitegen.toml").write_text(blocks("add-a-theme", "toml")[0])
    theme = here / "themes" / "house"
    theme.mkdir(parents=True)
    shown = blocks("add-a-theme", "toml")[1]
    (theme / "theme.toml").write_text(shown)
    run_commands("sitegen build --strict")
    styles = next((here / "site" / "assets").glob("styles*.css")).read_text("utf-8")
    assert {"#7a1f5c", "#f0a6d4"} <= set(re.findall(r"#[0-9a-f]{6}", styles))

    said = (GUIDES / "add-a-theme.md").read_text("utf-8")
    font = re.findall(r'`files = \["(.+?)"\]`', said)[0]
    (theme / font).parent.mkdir()
    shutil.copyfile(next((THEMES / "default" / "dist").rglob("*.woff2")), theme / font)
    (theme / "theme.toml").write_text(f'{shown}\n[fonts]\nfiles = ["{font}"]\n')
    (theme / "styles.css").write_text(f'@font-face {{ font-family: "Own"; src: url("{font}"); }}\n')
    run_commands("sitegen build --strict")
    assert (here / "site" / "assets" / font).is_file()


def test_the_settings_of_a_theme_are_those_of_the_default_one() -> None:
    shown = blocks("add-a-theme", "toml")[2]
    own = (THEMES / "default" / "theme.toml").read_text("utf-8").partition("\n")[2]
    assert shown == own.replace('"default"', '"house"')


def test_a_themes_own_views_are_drawn_as_it_says(here: Path) -> None:
    theme = here / "themes" / "ours"
    (theme / "views").mkdir(parents=True)
    (theme / "theme.toml").write_text('name = "ours"\ninherits = "default"\n')
    mean, parameters = blocks("add-a-theme", "js")
    (theme / "views" / "mean.js").write_text(mean)
    (theme / "views" / "parameters.js").write_text(parameters)
    text = "# Front\n\n```view mean\ntable: cars/samples\ncolumn: x\n```\n\n"
    (here / "content").mkdir()
    (here / "content/index.md").write_text(f"{text}```view parameters\ntable: cars/samples\n```\n")
    write_tables(here / "artifacts", "cars", {"samples": {"id": [1, 2, 3], "x": [1.0, 2.0, 6.0]}})
    (here / "sitegen.toml").write_text('[site]\ntitle = "Ours"\ntheme = "ours"\n')
    run_commands("sitegen build --strict")
    page = (here / "site/index.html").read_text("utf-8")
    assert "<strong>3</strong> is the mean here" in page
    assert "As agreed with the data&#39;s owner." in page
    own = json.loads(page.partition('id="sitegen-page">')[2].partition("</script>")[0])["assets"]["views"]
    assert [Path(url).name.partition(".")[0] for url in own] == ["mean", "parameters"]
    assert all((here / "site" / url).is_file() for url in own)


def test_a_theme_of_a_package_is_found(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_theme(here)
    shutil.move(here / "themes" / "house", here / "packages" / "house_theme")
    (here / "packages" / "house_theme" / "__init__.py").touch()
    offered(here / "packages", "house-theme", blocks("add-a-theme", "toml")[3])
    monkeypatch.syspath_prepend(here / "packages")
    run_commands("sitegen build --strict")


@pytest.mark.slow
@pytest.mark.skipif(not (THEME / "node_modules").is_dir(), reason="the theme's packages are not installed")
def test_a_view_is_added_as_it_says(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    theme = here / "themes" / "default"
    left = shutil.ignore_patterns("node_modules", "dist", ".dist.tmp", "tests", "*.test.ts")
    shutil.copytree(THEME, theme, ignore=left)
    (theme / "node_modules").symlink_to(THEME / "node_modules")
    shutil.copyfile(ROOT / "LICENSE", here / "LICENSE")
    source, line = blocks("add-a-view", "ts")
    (theme / "views" / "mean").mkdir()
    (theme / "views" / "mean" / "view.ts").write_text(source)
    registry = (theme / "src" / "registry.ts").read_text("utf-8")
    registry = line + registry.replace("VIEWS = [", "VIEWS = [\n  mean,")
    (theme / "src" / "registry.ts").write_text(registry)
    node = shutil.which("node") or str(Path(sys.executable).with_name("node"))
    for command in (["node_modules/typescript/bin/tsc", "--noEmit"], ["build.mjs"]):
        done = subprocess.run([node, *command], cwd=theme, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    (here / "content").mkdir()
    (here / "content" / "index.md").write_text(f"# Cars\n\n{blocks('add-a-view', 'markdown')[0]}")
    settings = (
        '[site]\ntitle = "Cars"\n[datasets.cars]\nsource = "vega:cars"\n[tools.cars]\ntool = "dataset"\n'
    )
    (here / "sitegen.toml").write_text(settings + 'dataset = "cars"\n')
    run_commands("sitegen run\nsitegen build --strict")
    assert "<strong>105.1</strong> is the mean here" in (here / "site" / "index.html").read_text("utf-8")
    subprocess.run(["bash", "-ec", blocks("add-a-view", "bash")[0]], check=True)
    for name in ("content", "artifacts"):
        shutil.copytree(name, here / "my-report" / name)
    own = settings.replace('"Cars"', '"Cars"\ntheme = "house"')
    (here / "my-report" / "sitegen.toml").write_text(own + 'dataset = "cars"\n')
    run_commands("sitegen -C my-report build --strict")
    assert "is the mean here" in (here / "my-report" / "site" / "index.html").read_text("utf-8")
