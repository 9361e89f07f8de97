/** The samples' live half: pages through them, and selects by click or key; a selection filters the other views. */
import { clausePoints } from "@uwdata/mosaic-core";
import { column as columnRef } from "@uwdata/mosaic-sql";
import { updateFrame } from "../../src/live/mount.ts";
import type { Host, LiveFactory } from "../../src/live/host.ts";
import type { Change } from "../../src/live/page.ts";
import type { Results, ViewState } from "../../src/view.ts";
import { pageOf, selectedIds, view, type Options } from "./view.ts";

export const live: LiveFactory = (host: Host) => {
  const options = host.options as Options;
  const id = columnRef(options.id.name);
  let state: ViewState = {};
  let latest: Results | null = null;

  const clause = (): ReturnType<typeof clausePoints> => {
    const ids = selectedIds(options, state);
    const values = ids.length ? ids.map((each) => [each]) : null;
    return clausePoints([id], values, { source: host.source, clients: host.clients() });
  };
  const redraw = (): void => {
    if (!latest) return;
    const drawing = view.render(options, latest, state, host.context);
    const focused = (document.activeElement as HTMLElement | null)?.dataset["id"];
    host.body.innerHTML = drawing.body.text;
    if (focused) host.body.querySelector<HTMLElement>(`[data-id="${CSS.escape(focused)}"]`)?.focus();
    updateFrame(host.figure, drawing);
  };
  const change = (next: ViewState, kind: Change = "commit"): void => {
    state = next;
    host.publish(Object.keys(next).length ? next : null, clause(), kind);
  };

  host.body.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (target.closest("[data-action=reset]")) host.page.reset();
    const turn = target.closest<HTMLElement>("[data-page]")?.dataset["page"];
    const tile = target.closest<HTMLElement>("[data-id]")?.dataset["id"];
    if (turn !== undefined) {
      change(compact({ ...state, page: Number(turn) }));
      host.requery();
    } else if (tile !== undefined) {
      const keep = event.shiftKey || event.metaKey || event.ctrlKey;
      change(
        compact({
          ...state,
          ids: toggled(selectedIds(options, state), JSON.parse(tile) as string | number, keep),
        }),
      );
      redraw();
    }
  });

  return {
    draw: (results) => {
      latest = results;
      const pages = Math.ceil(view.render(options, results, state, host.context).rows / options.perPage);
      // A filter can leave fewer pages than the one shown: go back to the first, which is no step of the reader's.
      if (pageOf(state) > 0 && pageOf(state) >= pages) {
        change(compact({ ...state, page: 0 }), "drag");
        host.requery();
      }
      redraw();
    },
    restore: (restored) => {
      const turned = pageOf(restored ?? {}) !== pageOf(state);
      const before = selectedIds(options, state);
      state = restored ?? {};
      if (before.length || selectedIds(options, state).length) host.select(clause());
      if (turned) host.requery();
      redraw();
    },
  };
};

/** One click selects one; with a modifier it adds or removes. */
function toggled(ids: readonly (string | number)[], id: string | number, keep: boolean): (string | number)[] {
  if (ids.includes(id)) return keep ? ids.filter((each) => each !== id) : ids.length > 1 ? [id] : [];
  return keep ? [...ids, id] : [id];
}

/** Leaves out what is as at the start, so that the link stays short. */
function compact(state: ViewState): ViewState {
  return Object.fromEntries(
    Object.entries(state).filter(([, value]) => value !== 0 && !(Array.isArray(value) && value.length === 0)),
  );
}
