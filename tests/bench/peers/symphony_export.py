"""Symphony's own program, run in its environment: a standalone page of rows, as its guide says.

Its confusion matrix is left out: on the page that opens first it is made before the rows are there, and
throws.
"""

import sys

import pandas
from symphony_fairvis import SymphonyFairVis
from symphony_familiarity import SymphonyFamiliarity
from symphony_list import SymphonyList
from symphony_scatterplot import SymphonyScatterplot
from symphony_summary import SymphonySummary
from symphony_ui import Symphony
from symphony_vega import SymphonyVega

NAMES = {"x": "projection_bench_x", "y": "projection_bench_y", "familiarity": "familiarity_bench"}
PLOT = {"data": {"values": "arrow_table"}, "mark": "bar", "width": 400, "height": 200}
COUNT = {"aggregate": "count", "type": "quantitative"}
HARDEST = {
    "x": {"field": "label", "type": "nominal"},
    "y": COUNT,
    "color": {"field": "correct", "type": "nominal"},
}
SURE = {"x": {"field": "confidence", "type": "quantitative", "bin": {"maxbins": 20}}, "y": COUNT}


def main(rows: str, folder: str) -> None:
    """Export the Parquet file's rows to a folder."""
    table = pandas.read_parquet(rows).rename(columns=NAMES)
    table["id"] = table["id"].astype(str)
    page = {"page": "Report"}
    views = {
        SymphonyVega: {"vega_elements": [{**PLOT, "encoding": HARDEST}, {**PLOT, "encoding": SURE}]},
        SymphonySummary: {},
        SymphonyFairVis: {"label_column": "label", "prediction_column": "prediction"},
        SymphonyFamiliarity: {},
        SymphonyScatterplot: {},
        SymphonyList: {},
    }
    options = [{**page, **given} for given in views.values()]
    Symphony(table).standalone(list(views), folder, options, name="Report")


if __name__ == "__main__":
    main(*sys.argv[1:])
