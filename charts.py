"""Charts of this report that Altair makes; pages name them by ``source=altair:charts:NAME``."""

from __future__ import annotations

import altair as alt


def margins(least: float = 0.0) -> alt.HConcatChart:
    """Return how far the network's reading is ahead of its second choice, beside how often it is right."""
    chart = alt.Chart(alt.NamedData(name="digits/samples")).transform_filter(alt.datum.margin >= least)
    ahead = chart.mark_bar().encode(
        alt.X("margin:Q").bin(maxbins=20),
        alt.Y("count():Q").title("Images"),
    )
    right = chart.mark_line(point=True).encode(
        alt.X("margin:Q").bin(maxbins=10),
        alt.Y("mean(correct):Q").title("Read correctly"),
    )
    return ahead | right
