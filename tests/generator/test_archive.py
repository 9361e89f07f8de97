"""Archives: bags that are the same bytes wherever they are written; one flipped byte in them is found."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import bagit
import pytest
import yaml

from sitegen.archive.bag import Bag, write_bag, write_zip
from sitegen.archive.manifest import read_manifest, write_manifest
from sitegen.archive.verify import verify
from sitegen.errors import SitegenError
from sitegen.people import is_orcid
from tests.generator.reports import Report

DAY = date(2026, 1, 2)
SMALL = Bag({"a.txt": b"hello", "x/b c.bin": bytes(range(64))}, {"Bagging-Date": DAY.isoformat()}, DAY)
ARCHIVED = """version = "1.0.0"

[archive]
licence = "CC-BY-4.0"
date = "2026-01-02"
authors = [
  "Lovelace, Ada",
  { name = "A laboratory", ror = "03f0f6041", email = "a@b.example", website = "https://b.example" },
]
"""


def tree(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()
    }


@pytest.fixture
def archived(report: Report) -> Report:
    """A report with everything that an archive wants of one."""
    report.write("sitegen.toml", f"{report.settings.read_text()}{ARCHIVED}")
    report.write("content/index.md", '# Numbers\n\n{sql}`select count(*) from "a/rows"` rows\n')
    report.write("content/secret.md", "---\ndraft: true\n---\n# Not yet\n")
    report.write("requirements.lock", "numpy==2.4.6\n")
    report.artifact("a", {"rows": {"id": [1, 2, 3], "value": [1.0, 2.0, None]}})
    return report


def said_of(bag: Path) -> str:
    """Return everything that verifying says, one problem a line; empty when there is nothing to say."""
    try:
        verify(bag)
    except SitegenError as error:
        problems = getattr(error, "problems", (error,))
        return "\n".join(f"{one.where.removeprefix(f'{bag}/')}: {one.what}" for one in problems)
    return ""


@pytest.mark.parametrize("packed", [False, True])
def test_one_flipped_bit_is_found_anywhere(tmp_path: Path, packed: bool) -> None:
    bag = tmp_path / ("bag.zip" if packed else "bag")
    (write_zip if packed else write_bag)(SMALL, bag)
    assert said_of(bag) == ""
    missed, step = [], 7 if packed else 5
    for file in [bag] if packed else sorted(path for path in bag.rglob("*") if path.is_file()):
        body = file.read_bytes()
        for place in range(0, len(body), step):
            changed = bytearray(body)
            changed[place] ^= 1 << (place // step) % 8
            file.write_bytes(changed)
            if not said_of(bag):
                missed.append((file.name, place))
        file.write_bytes(body)
    assert missed == []


def test_says_which_file_was_changed_added_removed_or_renamed(tmp_path: Path) -> None:
    bag = tmp_path / "bag"
    write_bag(SMALL, bag)
    (bag / "data/a.txt").write_bytes(b"hellp")
    assert said_of(bag).startswith(
        "data/a.txt: was changed: its digests are not those of manifest-sha256.txt"
    )
    (bag / "data/a.txt").rename(bag / "data/z.txt")
    assert said_of(bag) == "data/a.txt: is missing\ndata/z.txt: was added: no manifest names it"
    (bag / "data/z.txt").write_bytes(b"hello")
    assert said_of(bag) == 'data/a.txt: was renamed to "data/z.txt"'
    (bag / "data/z.txt").rename(bag / "data/a.txt")
    (bag / "note.txt").write_text("from somebody")
    (bag / "data/link").symlink_to(bag / "data/a.txt")
    assert "note.txt: was added: no manifest names it" in said_of(bag)
    assert "data/link: is a link, and a bag has none" in said_of(bag)


@pytest.mark.parametrize("name", ["tagmanifest-md5.txt", "tagmanifest-mine.txt"])
def test_a_manifest_that_nobody_checks_was_added(tmp_path: Path, name: str) -> None:
    bag = tmp_path / "bag"
    write_bag(SMALL, bag)
    (bag / name).write_text("anything")
    assert said_of(bag) == f"{name}: was added: no manifest names it"


def test_what_is_neither_file_nor_folder_is_said(tmp_path: Path) -> None:
    bag = tmp_path / "bag"
    write_bag(SMALL, bag)
    os.mkfifo(bag / "data/pipe")
    assert said_of(bag) == "data/pipe: is neither a file nor a folder, and a bag has nothing else"


def test_says_which_manifest_was_changed_where_only_one_of_them_was(tmp_path: Path) -> None:
    bag = tmp_path / "bag"
    write_bag(SMALL, bag)
    manifest = bag / "manifest-sha256.txt"
    text = manifest.read_text()
    manifest.write_text(("0" if text[0] != "0" else "1") + text[1:])
    said = said_of(bag)
    assert "manifest-sha256.txt: was changed: its digests are not those of tagmanifest-sha256.txt" in said
    assert 'manifest-sha256.txt:1: was changed: its digest of "data/a.txt"' in said
    assert "data/a.txt: was changed" not in said
    manifest.write_text(text)
    (bag / "tagmanifest-sha512.txt").unlink()
    assert said_of(bag) == "tagmanifest-sha512.txt: is missing"


def test_what_is_no_bag_is_said_to_be_none(tmp_path: Path) -> None:
    assert said_of(tmp_path / "nothing").endswith("there is no such bag")
    assert "has no bagit.txt" in said_of(tmp_path)
    (tmp_path / "text.zip").write_text("not packed")
    assert "is no zip file that can be read" in said_of(tmp_path / "text.zip")


def test_names_survive_a_manifest() -> None:
    names = ["data/100%.txt", "data/%0A.txt", "data/a\nb\r", "data/ä b"]
    lines = list(read_manifest(write_manifest({name: "0" * 64 for name in names})))
    assert sorted(line.name for line in lines if not isinstance(line, int)) == sorted(names)


def test_an_archive_holds_the_report_and_is_a_bag_for_others(archived: Report, tmp_path: Path) -> None:
    assert archived.command("archive", "--output", str(tmp_path / "bag")) == 0
    found = tree(tmp_path / "bag")
    for name in (
        "site/index.html",
        "artifacts/a/rows.parquet",
        "content/index.md",
        "sitegen.toml",
        "CITATION.cff",
    ):
        assert f"data/{name}" in found, name
    assert "data/themes/theme/theme.toml" in found
    assert "data/requirements.lock" in found
    assert [name for name in found if "secret" in name] == []
    assert str(tmp_path).encode() not in b"".join(found.values())
    bagit.Bag(str(tmp_path / "bag")).validate()
    assert archived.command("verify", str(tmp_path / "bag")) == 0
    assert b"External-Description: A report\n" in found["bag-info.txt"]
    assert found["data/README.md"].count(b"A report") == 1, "the title stands for a description once"


def test_the_site_can_be_built_again_from_its_archive(archived: Report, tmp_path: Path) -> None:
    assert archived.command("archive", "--output", str(tmp_path / "bag")) == 0
    data = tmp_path / "bag" / "data"
    again = Report.__new__(Report)
    again.folder, again.settings = data, data / "sitegen.toml"
    before = tree(data / "site")
    assert again.command("build") == 0
    assert tree(data / "site") == before


def test_an_archive_is_the_same_bytes_on_another_machine_on_another_day(
    archived: Report, tmp_path: Path
) -> None:
    there = tmp_path / "elsewhere" / "copy"
    shutil.copytree(archived.folder, there)
    for file in there.rglob("*"):
        os.utime(file, (1, 1))
    runs = {
        "one": (archived.folder, "/", "UTC", "1", "C", "022"),
        "two": (there, str(tmp_path), "Pacific/Kiritimati", "2", "C.UTF-8", "077"),
    }
    for name, (folder, cwd, zone, seed, locale, mask) in runs.items():
        environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed, "LC_ALL": locale}
        environment |= {"PYTHONPATH": str(Path(__file__).parents[2]), "SOURCE_DATE_EPOCH": "1767312000"}
        command = f'umask {mask}; exec "$0" -m sitegen -C "$1" archive --zip --output "$2"'
        arguments = [sys.executable, str(folder), str(tmp_path / name / "report.zip")]
        subprocess.run(["sh", "-c", command, *arguments], cwd=cwd, env=environment, check=True)
    one, two = ((tmp_path / name / "report.zip").read_bytes() for name in runs)
    assert one == two
    entries = zipfile.ZipFile(tmp_path / "one/report.zip").infolist()
    assert {(entry.date_time, entry.external_attr >> 16) for entry in entries} == {
        ((2026, 1, 2, 0, 0, 0), 0o100644)
    }


@pytest.fixture
def later(tmp_path: Path) -> dict[str, str]:
    """The environment of a process whose clock is 400 days ahead."""
    compiler, library = shutil.which("cc"), tmp_path / "later.so"
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("there is no compiler to make another clock")
    source = Path(__file__).with_name("later.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library)}


def test_an_archive_is_the_same_bytes_on_another_day(
    archived: Report, later: dict[str, str], tmp_path: Path
) -> None:
    undated = archived.settings.read_text().replace('date = "2026-01-02"\n', "")
    addressed = undated.replace("[site]", '[site]\nsite_url = "https://example.org/"')
    archived.write("sitegen.toml", addressed)
    archived.write("content/release.md", "---\ndate: 2025-12-31\n---\n# A release\n\n[Late](late.md)\n")
    moments = {"values": [1_767_223_800_000_000], "type": "timestamp"}
    archived.artifact("b", {"rows": {"id": [1], "at": moments}})
    archived.write("content/late.md", '# Late\n\n{sql}`select max("at") from "b/rows"`\n')
    without = {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
    without |= {"PYTHONPATH": str(Path(__file__).parents[2])}

    def made(name: str, **more: str) -> tuple[bytes, str]:
        target = tmp_path / name / "report.zip"
        command = [sys.executable, "-m", "sitegen", "-C", str(archived.folder), "archive", "--zip"]
        done = subprocess.run(
            [*command, "--output", str(target)], env=without | more, check=True, capture_output=True
        )
        return target.read_bytes(), done.stdout.decode()

    epoch = {"SOURCE_DATE_EPOCH": "1767312000"}
    now = made("now", **epoch, TZ="Pacific/Kiritimati")
    then = made("then", **epoch, **later, TZ="Pacific/Pago_Pago")
    assert now[0] == then[0]
    assert "is the report of 2025-12-31" in then[1]
    archived.write("content/release.md", "# A release\n\n[Late](late.md)\n")
    asked = date.today() + timedelta(days=300)
    (said,) = re.findall(r"is the report of (\S+):", made("undated", **later)[1])
    assert date.fromisoformat(said) > asked, "the other clock is that of another day"


def test_a_folder_has_one_mode_and_one_time_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_bag(SMALL, tmp_path / "bag")
    finally:
        os.umask(before)
    found = {(path.stat().st_mode & 0o777, path.stat().st_mtime) for path in (tmp_path / "bag").rglob("*")}
    assert found == {(0o644, 1767312000.0), (0o755, 1767312000.0)}


def test_nothing_is_replaced_but_a_bag_and_a_failure_leaves_the_last_one(
    archived: Report, tmp_path: Path
) -> None:
    bag = tmp_path / "bag"
    bag.mkdir()
    (bag / "letter.txt").write_text("mine")
    assert archived.command("archive", "--output", str(bag)) == 1
    assert tree(bag) == {"letter.txt": b"mine"}
    # A bag that another program made.
    (bag / "bagit.txt").write_text("BagIt-Version: 1.0\n")
    assert archived.command("archive", "--output", str(bag)) == 1
    assert sorted(tree(bag)) == ["bagit.txt", "letter.txt"]
    (bag / "bagit.txt").unlink()
    (bag / "letter.txt").unlink()
    assert archived.command("archive", "--output", str(bag)) == 0
    before = tree(bag)
    archived.write("content/index.md", "[nowhere](nowhere.md)\n")
    assert archived.command("archive", "--output", str(bag)) == 1
    assert tree(bag) == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("names", [["a.jpg", "b.jpg"], ["photos/bagit.txt", "photos/bag-info.txt"], []])
def test_a_zip_file_of_somebody_elses_is_not_replaced(
    archived: Report, tmp_path: Path, names: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "photos.zip"
    with zipfile.ZipFile(file, "w") as photos:
        for name in names:
            photos.writestr(name, b"mine")
    before = file.read_bytes()
    assert archived.command("archive", "--zip", "--output", str(file)) == 1
    assert "is there already, and is no archive that sitegen wrote" in capsys.readouterr().err
    assert file.read_bytes() == before
    file.unlink()
    for _ in ("new", "again"):
        assert archived.command("archive", "--zip", "--output", str(file)) == 0


def test_the_archive_is_not_written_into_what_it_holds(
    archived: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    for how in ([], ["--single-file"]):
        assert archived.command("archive", *how, "--output", str(archived.folder / "content/bag")) == 1
        assert "is inside of content, which the report is made from" in capsys.readouterr().err
    assert not (archived.folder / "content/bag").exists()
    assert archived.command("archive", "--output", str(archived.folder / "site")) == 1
    assert "is inside of site, which the next build replaces" in capsys.readouterr().err


def test_what_nobody_could_cite_is_said(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    report.write("content/index.md", "# Text\n")
    assert report.command("archive") == 1
    assert "nobody is named as the report's author" in capsys.readouterr().err
    report.write("sitegen.toml", f'{report.settings.read_text()}\n[archive]\nauthors = ["Lovelace, Ada"]\n')
    assert report.command("archive") == 0
    said = capsys.readouterr().err
    for warning in ("has no licence", "there is no requirements.lock", "nothing dates the report"):
        assert warning in said
    assert report.command("archive", "--strict") == 1


def test_several_authors_of_the_site_are_several_people(archived: Report, tmp_path: Path) -> None:
    settings = archived.settings.read_text()
    before, _, rest = settings.partition("authors = [")
    before = before.replace("[site]", '[site]\nauthor = "Rivera, Ana; Okafor, Chidi;  The Digits Group;"')
    archived.write("sitegen.toml", before + rest.partition("]\n")[2])
    assert archived.command("archive", "--output", str(tmp_path / "bag")) == 0
    cited = yaml.safe_load((tmp_path / "bag/data/CITATION.cff").read_text())
    assert cited["authors"] == [
        {"family-names": "Rivera", "given-names": "Ana"},
        {"family-names": "Okafor", "given-names": "Chidi"},
        {"name": "The Digits Group"},
    ]
    creators = json.loads((tmp_path / "bag/data/.zenodo.json").read_text())["creators"]
    assert [one["name"] for one in creators] == ["Rivera, Ana", "Okafor, Chidi", "The Digits Group"]
    shown = "Ana Rivera, Chidi Okafor, The Digits Group"
    assert f"By {shown}, 2026-01-02." in (tmp_path / "bag/data/README.md").read_text()
    assert f"Contact-Name: {shown}\n" in (tmp_path / "bag/bag-info.txt").read_text()


def test_a_moment_that_is_none_is_refused(
    archived: Report, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    assert archived.command("archive") == 1
    assert 'SOURCE_DATE_EPOCH: "yesterday" is no number of seconds since 1970' in capsys.readouterr().err


def test_settings_of_an_archive_are_checked(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = 'authors = [{ name = "A", orcid = "0000-0002-1825-0098" }]\ndate = "2026-13-01"\n'
    wrong += 'licence = "free for all"'
    report.write("sitegen.toml", f"{report.settings.read_text()}\n[archive]\n{wrong}\n")
    assert report.command("check") == 1
    said = capsys.readouterr().err
    assert 'sitegen.toml:6: "authors" in [archive] holds "0000-0002-1825-0098", which is no ORCID' in said
    assert 'sitegen.toml:7: "2026-13-01" in [archive] is no date' in said
    assert 'sitegen.toml:8: "free for all" in [archive] is no licence' in said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('ror = "12345"', '"12345", which is no ROR'),
        ('email = "nobody"', '"nobody", which is no address of e-mail'),
        ('email = "a@b.example?bcc=c@d.example"', "which is no address of e-mail"),
        ('website = "javascript:alert(1)"', '"javascript:alert(1)", which is no address on the web'),
        ('phone = "1"', 'the unknown key "phone"'),
    ],
)
def test_what_is_said_of_authors_is_checked(
    report: Report, capsys: pytest.CaptureFixture[str], written: str, said: str
) -> None:
    text = f'\n[archive]\nauthors = [{{ name = "A", {written} }}]\n'
    report.write("sitegen.toml", report.settings.read_text() + text)
    assert report.command("check") == 1
    assert said in capsys.readouterr().err


def test_an_orcid_is_known_by_its_last_sign() -> None:
    assert is_orcid("0000-0002-1825-0097")
    assert is_orcid("0000-0002-1694-233X")
    assert not is_orcid("0000-0002-1825-0096")
    assert not is_orcid("0000000218250097")


def test_the_archive_says_how_it_is_cited_and_which_run_made_what(archived: Report, tmp_path: Path) -> None:
    assert archived.command("archive", "--output", str(tmp_path / "bag")) == 0
    data = tmp_path / "bag" / "data"
    citation = yaml.safe_load((data / "CITATION.cff").read_text())
    assert citation["authors"] == [
        {"family-names": "Lovelace", "given-names": "Ada"},
        {"name": "A laboratory", "email": "a@b.example", "website": "https://b.example"},
    ]
    assert json.loads((data / ".zenodo.json").read_text())["creators"][0] == {"name": "Lovelace, Ada"}
    nodes = {
        node["@id"]: node for node in json.loads((data / "ro-crate-metadata.json").read_text())["@graph"]
    }
    assert nodes["./"]["datePublished"] == "2026-01-02"
    laboratory = nodes["https://ror.org/03f0f6041"]
    assert (laboratory["@type"], laboratory["url"]) == ("Organization", "https://b.example")
    assert nodes[laboratory["contactPoint"]["@id"]]["email"] == "a@b.example"
    assert "contactPoint" not in nodes["#Lovelace%2C%20Ada"]
    assert nodes["#run-a"]["result"] == {"@id": "artifacts/a/"}
    referred = {
        one["@id"] for node in nodes.values() for one in node.get("hasPart", []) if isinstance(one, dict)
    }
    assert referred <= nodes.keys()
    parts = {name for name, node in nodes.items() if node["@type"] == "Dataset" and name.endswith("/")}
    assert [name for name in parts if "hasPart" not in nodes[name]] == []
    bagged = {quote(path.relative_to(data).as_posix()) for path in data.rglob("*") if path.is_file()}
    assert bagged - nodes.keys() <= {"ro-crate-metadata.json"}
    files = [name for name, node in nodes.items() if node["@type"] == "File"]
    assert [name for name in files if not (data / name).is_file()] == []
