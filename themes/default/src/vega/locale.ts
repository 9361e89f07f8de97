/** Vega's locale in the site's language: none in English, which is Vega's own. Vega's words come from the catalogue, too. */
import { language, say, separators } from "../words.ts";
import { DAYS, MONTHS } from "../values.ts";
import type { Json } from "./channels.ts";

export function vegaLocale(): Json {
  const { decimal, group } = separators();
  if (language().startsWith("en") || (decimal === "." && group === ",")) return {};
  return { locale: { number: numbers(decimal, group), time: times() } };
}

function numbers(decimal: string, thousands: string): Json {
  return { decimal, thousands, grouping: [3], currency: ["", ""], percent: say("{n}%").replace("{n}", "") };
}

function times(): Json {
  return {
    dateTime: say("%B %-d, %Y, %H:%M"),
    date: say("%-m/%-d/%Y"),
    time: "%H:%M:%S",
    periods: ["AM", "PM"],
    days: [
      say("Sunday"),
      say("Monday"),
      say("Tuesday"),
      say("Wednesday"),
      say("Thursday"),
      say("Friday"),
      say("Saturday"),
    ],
    shortDays: DAYS,
    months: [
      say("January"),
      say("February"),
      say("March"),
      say("April"),
      say("May|long"),
      say("June"),
      say("July"),
      say("August"),
      say("September"),
      say("October"),
      say("November"),
      say("December"),
    ],
    shortMonths: MONTHS,
  };
}
