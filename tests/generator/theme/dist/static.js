// Two views, by hand: `count` says how many rows a column's values have; `vega-lite` does so for the x channel.
var sitegen = (() => {
  const escape = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  const quote = (name) => `"${name.replaceAll('"', '""')}"`;

  function column(request) {
    const spec = request.options.spec;
    return spec ? [spec.encoding.x.field, "encoding.x.field"] : [request.options.column, "column"];
  }

  /** By the page's name, or by the one in its own table. */
  const named = (table, name) => table.columns.find((one) => one.name === name || one.written === name);

  function problems(request) {
    if (!request.table) return [{ what: `view "${request.view}" needs a table`, hint: "write table: artifact/table" }];
    const [name, path] = column(request);
    const known = request.table.columns.map((one) => one.name);
    if (named(request.table, name)) return [];
    const near = known.find((one) => one[0] === name[0]);
    return [{ what: `column "${name}" is not in table ${request.table.name}`, hint: `did you mean "${near}"?`, path }];
  }

  function step(text) {
    const request = JSON.parse(text);
    const found = problems(request);
    if (request.check || found.length) return JSON.stringify({ problems: found });
    const { throws, sleeps, endless, hoards, sql } = request.options;
    if (throws) throw new TypeError(throws);
    if (hoards) for (const hoard of [[]]) for (;;) hoard.push(new Array(1e5).fill(hoard.length + 0.5));
    while (sleeps);
    const round = Object.keys(request.results).length;
    if (round === 0 || endless) {
      const member = request.table.member ? ` WHERE ${quote(request.table.member)}` : "";
      const name = quote(named(request.table, column(request)[0]).name);
      const query = `SELECT ${name}::VARCHAR AS value, count(*) AS rows FROM ${quote(request.table.relation)}${member}`;
      return JSON.stringify({ queries: { ["rows" + round]: sql ?? `${query} GROUP BY ALL ORDER BY ALL` } });
    }
    const { id, view, title, table, results } = request;
    const marks = `data-view="${view}" id="${id}" data-state="static" data-rows="${table.rows}" data-total="${table.rows}"`;
    const heading = `<h3 class="view-title">${escape(title ?? view)}</h3>`;
    const body = `${escape(column(request)[0])}: ${results.rows0 ? "answered" : "open"}`;
    const html = `<figure class="view w-${request.width}" ${marks}>${heading}<p>${body}</p></figure>`;
    return JSON.stringify({ figure: { html, rows: table.rows, total: table.rows, weight: html.length } });
  }

  const describe = () => JSON.stringify({ views: { count: {}, "vega-lite": {} } });
  // A filter here is one comparison: datum.COLUMN == 'TEXT'.
  function translate(expression, tableText, tablesText) {
    const table = JSON.parse(tableText);
    const found = expression.match(/^datum\.(\w+) == (?:'([^']*)'|("(?:[^"\\]|\\.)*")|([\d.]+))$/);
    if (!found) return JSON.stringify({ problems: [{ what: "the filter does not parse" }] });
    const [, name, single, double, number] = found;
    const beside = Object.values(JSON.parse(tablesText)).filter((one) => one.relation === table.relation);
    const known = beside.flatMap((one) => one.columns).map((one) => one.name);
    if (!known.includes(name)) {
      const what = `column "${name}" is not in table ${table.name}`;
      return JSON.stringify({ problems: [{ what, hint: `there is ${known.join(", ")}` }] });
    }
    const value = number ?? `'${(single ?? JSON.parse(double)).replaceAll("'", "''")}'`;
    return JSON.stringify({ sql: `${quote(name)} IS NOT DISTINCT FROM ${value}` });
  }

  return { describe, step: (text) => Promise.resolve(step(text)), translate };
})();
