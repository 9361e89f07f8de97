/** What stands around a network's figure: how much detail it has, what its reader can do with it, and how it looks. */
import { manualGroups, type NamedGroup } from "../../src/architecture/figure.ts";
import { PAPERS } from "../../src/architecture/papers.ts";
import { SETTINGS, type Setting } from "../../src/architecture/preferences.ts";
import { paintAt } from "../../src/architecture/palettes.ts";
import { html, shorten, type Markup } from "../../src/markup.ts";
import type { Shown } from "./drawing.ts";
import { summary } from "./words.ts";
import { say, sayCount } from "../../src/words.ts";

export function actionsMarkup({ state, figure }: Shown): Markup {
  const isNone = state.ids.length === 0;
  const button = (action: string, said: string, title: string, isOff = false): Markup =>
    html`<button
      type="button"
      data-action="${action}"
      data-key="${action}"
      title="${title}"
      ${isOff ? "disabled" : ""}
    >
      ${said}
    </button>`;
  return html`<div class="network-actions" role="group" aria-label="${say("Change the figure")}">
    ${button("open", say("Open"), say("Show what is in the selected group, or close it again: Enter"), isNone)}
    ${button("group", say("Group|verb"), say("Make one glyph of the selected layers: G"), isNone)}
    ${button("smaller", "−", say("Smaller"))}${button("larger", "+", say("Larger"))}
    ${button("clear", say("Clear"), say("Select nothing: Escape"), isNone)}
    <span class="network-said">${say("{glyphs} glyphs", { glyphs: figure.shown.glyphs.length })}</span>
  </div>`;
}

export function saidMarkup({ network, figure, file }: Shown, refused: string | null): Markup {
  const own =
    file === null
      ? null
      : html`<p class="network-note">
          <strong>${file}</strong>
          <button type="button" data-action="own">${say("Show this page's network")}</button>
        </p>`;
  return html`<p class="network-note" role="status">${refused ?? summary(network, figure)}</p>
    ${own}`;
}

/** Every preference, the types, and the groups of the reader. */
export function preferencesMarkup(shown: Shown): Markup {
  const parts = [...new Set(SETTINGS.map(({ part }) => part))];
  return html`<div class="network-settings">
    ${parts.map(
      (part) =>
        html`<fieldset>
          <legend>${say(part)}</legend>
          ${SETTINGS.filter((setting) => setting.part === part).map((setting) => settingMarkup(setting, shown))}
        </fieldset>`,
    )}
    ${paperMarkup(shown)}${typesMarkup(shown)}${groupsMarkup(shown)}
  </div>`;
}

/** For which column PDF and TikZ are laid out. */
function paperMarkup({ state }: Shown): Markup {
  const choice = (name: string, text: string): Markup =>
    html`<option value="${name}" ${name === (state.paper ?? "") ? "selected" : ""}>${text}</option>`;
  return html`<fieldset>
    <legend>${say("Paper")}</legend>
    <label
      ><span>${say("PDF and TikZ are for")}</span
      ><select name="paper" data-key="paper" data-set="paper">
        ${choice("", say("a figure as here"))}
        ${Object.entries(PAPERS).map(([name, { what }]) => choice(name, what))}
      </select></label
    >
  </fieldset>`;
}

function settingMarkup(setting: Setting, { state }: Shown): Markup {
  const { name, title } = setting;
  const value = state.preferences[name];
  if (setting.kind === "flag")
    return html`<label class="network-flag"
      ><input
        type="checkbox"
        name="${name}"
        data-key="set-${name}"
        data-set="${name}"
        ${value ? "checked" : ""}
      />${title}</label
    >`;
  if (setting.kind === "choice")
    return html`<label
      ><span>${title}</span
      ><select name="${name}" data-key="set-${name}" data-set="${name}">
        ${setting.choices.map((each) => html`<option value="${each}" ${each === value ? "selected" : ""}>${say(each)}</option>`)}
      </select></label
    >`;
  const [low, high] = setting.ends;
  return html`<label
    ><span>${title}</span
    ><input
      type="number"
      name="${name}"
      data-key="set-${name}"
      data-set="${name}"
      min="${low}"
      max="${high}"
      step="any"
      value="${String(value)}"
  /></label>`;
}

/** Types that are listed, of more the first. */
const MOST_TYPES = 24;

function typesMarkup({ network, state }: Shown): Markup {
  const types = [
    ...new Set(
      network.layers.filter(({ kind }) => kind !== "input" && kind !== "output").map(({ type }) => type),
    ),
  ].slice(0, MOST_TYPES);
  return html`<fieldset class="network-types">
    <legend>${say("Types")}</legend>
    <table>
      <thead>
        <tr>
          <th scope="col">${say("Type")}</th>
          <th scope="col">${say("Called")}</th>
          <th scope="col">${say("Colour")}</th>
          <th scope="col">${say("Hidden")}</th>
        </tr>
      </thead>
      <tbody>
        ${types.map((type, index) => {
          const colour =
            state.colours[type] ?? paintAt(index, { ...state.preferences, textures: false }).fill;
          return html`<tr>
            <th scope="row">${shorten(type, 28)}</th>
            <td>
              <input
                type="text"
                maxlength="60"
                data-alias="${type}"
                data-key="alias-${type}"
                aria-label="${say("What {type} is called", { type })}"
                value="${state.aliases[type] ?? ""}"
                placeholder="${shorten(type, 28)}"
              />
            </td>
            <td>
              <input
                type="color"
                data-colour="${type}"
                data-key="colour-${type}"
                aria-label="${say("Colour of {type}", { type })}"
                value="${colour.toLowerCase()}"
              />
            </td>
            <td>
              <input
                type="checkbox"
                data-hide="${type}"
                data-key="hide-${type}"
                aria-label="${say("Hide {type}", { type })}"
                ${state.hidden.includes(type) ? "checked" : ""}
              />
            </td>
          </tr>`;
        })}
      </tbody>
    </table>
  </fieldset>`;
}

function groupsMarkup({ state, figure }: Shown): Markup | null {
  if (state.groups.length === 0) return null;
  const { network } = figure.aggregation;
  const inWords = (group: NamedGroup): string => {
    const places = manualGroups(network, [{ ...group, isActive: true }]).length;
    const amount = group.layers.length;
    const layers = sayCount(amount, "{n} layer", "{n} layers", { n: amount });
    return places > 1 ? say("{layers} in {places} places", { layers, places }) : layers;
  };
  return html`<fieldset>
    <legend>${say("Groups")}</legend>
    ${state.groups.map(
      (group, index) =>
        html`<p class="network-own">
          <input
            type="text"
            maxlength="60"
            data-rename="${index}"
            data-key="rename-${index}"
            aria-label="${say("Name of the group")}"
            value="${group.name}"
          />
          <label class="network-flag"
            ><input
              type="checkbox"
              data-activate="${index}"
              data-key="activate-${index}"
              ${group.isActive ? "checked" : ""}
            />${say("active, {layers}", { layers: inWords(group) })}</label
          >
          <button type="button" data-dissolve="${index}" data-key="dissolve-${index}">
            ${say("Dissolve")}
          </button>
        </p>`,
    )}
  </fieldset>`;
}
