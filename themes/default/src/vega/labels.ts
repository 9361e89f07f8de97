/**
 * Texts as Vega can draw them. Vega looks values up in plain objects, where `__proto__` and `constructor` are found
 * without ever having been put there: such a label gets an invisible sign in front of it while it is inside Vega.
 */
import { say } from "../words.ts";

/** Word joiner: takes no room, and no line is broken at it. */
const SIGN = "\u2060";
const INHERITED = new Set(Object.getOwnPropertyNames(Object.prototype));

/** A value on its way into Vega; marking is undone by `fromLabel`, for marked labels get one sign more. */
export function toLabel(value: unknown): unknown {
  return isMarked(value) ? SIGN + value : value;
}

/** A value as the table holds it. */
export function fromLabel(value: unknown): unknown {
  return isMarked(value) && value.startsWith(SIGN) ? value.slice(SIGN.length) : value;
}

export function isMarked(value: unknown): value is string {
  return typeof value === "string" && INHERITED.has(value.replace(/^\u2060+/, ""));
}

const TRUTH = [say("true"), say("false")].map((word) => JSON.stringify(word));

/** Of truth values, where the language has words of its own for them. */
const TRUE_OR_FALSE =
  say("true") === "true" ? "" : `isBoolean(datum.value) ? (datum.value ? ${TRUTH.join(" : ")}) : `;

/** A label's expression: what has no sign of its own is named. */
export const NAMED =
  `datum.value === null ? ${JSON.stringify(say("no value"))} : ` +
  `datum.value === '' ? ${JSON.stringify(say("(empty)"))} : ${TRUE_OR_FALSE}datum.label`;
