/** Vega's locale in the site's language: none in English, which is Vega's own. Vega's words come from the catalogue, too. */
import { DAYS, MONTHS, SHORT_DAYS, SHORT_MONTHS } from "../calendar.ts";
import { language, say, separators } from "../words.ts";
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
    days: DAYS,
    shortDays: SHORT_DAYS,
    months: MONTHS,
    shortMonths: SHORT_MONTHS,
  };
}
