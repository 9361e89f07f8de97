"""Citations: from BibTeX and CSL-JSON alike, by author and year or by number, always as text."""

from __future__ import annotations

import json

import pytest

from tests.generator.reports import SETTINGS, Report

BIBTEX = r"""
@article{net, author={Alex B{\"a}uerle and van Onzenoodt, Christian and Ropinski, Timo},
  volume=27, number=6, title={{Net2Vis} -- A \emph{Visual} Grammar <b>},
  journal={TVCG}, pages={2980--2991}, year=2021, doi={10.1/x<y}}
@misc{two, author={Doe, Jane-Ann and Roe, Ann}, title={One}, year=2022,
  url={javascript:alert(1)}}
@misc{three, author={Doe, Jane and Roe, Ann}, title={Another}, year=2022,
  eprint={2206.1}, archivePrefix={arXiv}}
@misc{none, title={Nobody's}}
"""
CSL = [
    {
        "id": "net",
        "title": "Net2Vis \N{EN DASH} A Visual Grammar <b>",
        "author": [
            {"family": "Bäuerle", "given": "Alex"},
            {"family": "van Onzenoodt", "given": "Christian"},
            {"family": "Ropinski", "given": "Timo"},
        ],
        "container-title": "TVCG",
        "volume": "27",
        "issue": 6,
        "page": "2980\N{EN DASH}2991",
        "issued": {"date-parts": [[2021, 2]]},
        "DOI": "10.1/x<y",
    }
]
NET = (
    '<li id="ref-net">Bäuerle, A., van Onzenoodt, C., and Ropinski, T. (2021). '
    "Net2Vis \N{EN DASH} A Visual Grammar &lt;b&gt;. <em>TVCG</em>, 27(6), 2980\N{EN DASH}2991. "
    '<a href="https://doi.org/10.1/x%3Cy">https://doi.org/10.1/x%3Cy</a></li>'
)


def page(report: Report, text: str, name: str = "refs.bib", more: str = "") -> str:
    report.write("sitegen.toml", SETTINGS + f'bibliography = "{name}"\n{more}')
    report.write("refs.bib", BIBTEX)
    report.write("refs.json", json.dumps(CSL))
    report.write("content/index.md", f"# Front\n\n{text}\n")
    return report.page()


@pytest.mark.parametrize("name", ["refs.bib", "refs.json"])
def test_a_work_is_cited_and_listed(report: Report, name: str) -> None:
    found = page(report, "As [@net, p. 3] says.", name)
    assert '<span class="citation">(<a href="#ref-net">Bäuerle et al., 2021, p. 3</a>)</span>' in found
    assert NET in found
    assert '<h2 id="references">References</h2>' in found
    assert '<a href="#references">References</a>' in found, "it is missing in the table of contents"


def test_a_shortened_name_ends_its_sentence_with_one_stop(report: Report) -> None:
    works = [
        {"id": "a", "title": "A", "container-title": "J. Stat.", "publisher": "Press Inc."},
        {"id": "b", "title": "B", "container-title": "J. Stat.", "volume": "2"},
    ]
    report.write("sitegen.toml", f'{SETTINGS}bibliography = "refs.json"\n')
    report.write("refs.json", json.dumps(works))
    report.write("content/index.md", "# Front\n\nAs [@a] and [@b] say.\n")
    found = report.page()
    assert "<em>J. Stat.</em> Press Inc.</li>" in found
    assert "<em>J. Stat.</em>, 2.</li>" in found


def test_works_that_would_be_called_alike_get_letters_in_the_order_of_the_list(report: Report) -> None:
    found = page(report, "[@two; @three] and [@none]")
    assert 'href="#ref-two">Doe and Roe, 2022b</a>; <a href="#ref-three">Doe and Roe, 2022a</a>' in found
    assert found.index('id="ref-three"') < found.index('id="ref-two"') < found.index('id="ref-none"')
    assert "Doe, J.-A. and Roe, A. (2022b). One.</li>" in found, "no address that runs something"
    assert "Nobody&#x27;s. (no year)." in found


def listed(report: Report, bibtex: str, text: str, language: str = "en") -> str:
    report.write("sitegen.toml", f'{SETTINGS}bibliography = "refs.bib"\nlanguage = "{language}"\n')
    report.write("refs.bib", bibtex)
    report.write("content/index.md", f"# Front\n\n{text}\n")
    return report.page()


def test_authors_that_are_not_named_are_et_al(report: Report) -> None:
    works = "@misc{one, author={Knuth, D and others}, title={One}, year={forthcoming}}\n"
    works += "@misc{two, author={Müller, J. and de la Cruz, A. and others}, title={Two}, year=2020}\n"
    found = listed(report, works, "[@one; @two]", "de")
    assert ">Knuth et al., forthcoming</a>" in found
    assert ">Müller et al., 2020</a>" in found
    assert '<li id="ref-one">Knuth, D., et al. (forthcoming). One.' in found
    assert '<li id="ref-two">Müller, J., de la Cruz, A., et al. (2020). Two.' in found


def test_letters_go_on_after_z_and_stand_apart_from_words(report: Report) -> None:
    works = [f"@misc{{k{n:02}, author={{Roe, A}}, title={{T{n:02}}}, year=2022}}" for n in range(28)]
    works += [f"@misc{{{key}, author={{Roe, A}}, title={{{key}}}, year={{in press}}}}" for key in "xy"]
    found = listed(report, "\n".join(works), f"[{'; '.join(f'@k{n:02}' for n in range(28))}] [@x; @y]")
    said = [found.split(f'href="#ref-k{n:02}">')[1].partition("<")[0] for n in (0, 25, 26, 27)]
    assert said == ["Roe, 2022a", "Roe, 2022z", "Roe, 2022aa", "Roe, 2022ab"]
    assert "Roe, A. (2022ab). T27." in found
    assert ">Roe, in press-b</a>" in found
    assert "Roe, A. (in press-b). y." in found


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"@misc{a,\n month = A}", '2: "A" is neither a text nor an @string\n  write it in braces: {A}'),
        (b"@misc{a}\n\n@misc{a}", '3: a second work has the key "a"\n  give each work a key of its own'),
        (
            b"\n@misc{a, title={x},\n title={y}}",
            "2: not BibTeX: entry with key a has a duplicate title field\n",
        ),
        (
            b"\n@misc{a, author={A, B, C, D}}",
            "2: not BibTeX: Too many commas in 'A, B, C, D'\n  mend the work",
        ),
        (b"@misc{a,\n title={M\xfcller}}", "2: not UTF-8 text\n  save the file as UTF-8"),
    ],
)
def test_what_is_wrong_with_a_bibliography_is_said_with_its_line(
    report: Report, capsys: pytest.CaptureFixture[str], written: bytes, said: str
) -> None:
    report.write("sitegen.toml", f'{SETTINGS}bibliography = "refs.bib"\n')
    report.write("content/index.md", "# Front\n")
    (report.folder / "refs.bib").write_bytes(written)
    assert report.command("check") == 1
    assert f"refs.bib:{said}" in capsys.readouterr().err


def test_numbers_follow_the_text(report: Report) -> None:
    found = page(report, "[@two] and [@net; @two]", more='citations = "numeric"\n')
    assert '[<a href="#ref-two">1</a>]' in found
    assert '[<a href="#ref-net">2</a>, <a href="#ref-two">1</a>]' in found
    assert found.index('id="ref-two"') < found.index('id="ref-net"')


def test_what_is_not_there_is_said_with_the_nearest(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    report.write("sitegen.toml", SETTINGS + 'bibliography = "refs.bib"\ncitations = "numbers"\n')
    assert report.command("check") == 1
    assert '"numbers" is no way to cite' in capsys.readouterr().err
    report.write("sitegen.toml", SETTINGS + 'bibliography = "refs.bib"\n')
    report.write("content/index.md", "# Front\n\n[@nett]\n")
    assert report.command("check") == 1
    said = capsys.readouterr().err
    assert "refs.bib: there is no such file" in said
    assert "content/index.md" not in said
    report.write("refs.bib", BIBTEX)
    assert report.command("check") == 1
    assert 'content/index.md:3: "nett" is not in refs.bib\n  did you mean "net"?' in capsys.readouterr().err
    report.write("refs.bib", "@article{a,\n title={x}\n author={y}}")
    assert report.command("check") == 1
    said = capsys.readouterr().err
    assert "refs.bib:3: not BibTeX" in said
    assert "content/index.md" not in said, "what cannot be read is one problem, and not one of every citation"
    report.write("sitegen.toml", SETTINGS)
    assert report.command("check") == 1
    assert "the report has no bibliography" in capsys.readouterr().err


def test_a_page_without_citations_lists_nothing(report: Report) -> None:
    found = page(report, "Write to [a@b](mailto:a@b.c), or \\[@net].")
    assert "references" not in found
    assert "[@net]" in found
