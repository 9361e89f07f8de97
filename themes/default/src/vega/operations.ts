/** What aggregates are called in titles: those of Vega-Lite in the site's language, any other by its name. */
import { titleOf } from "../data/columns.ts";
import { say } from "../words.ts";

const TITLES: Readonly<Record<string, string>> = {
  average: say("Average"),
  count: say("Count"),
  distinct: say("Distinct"),
  max: say("Max"),
  mean: say("Mean"),
  median: say("Median"),
  min: say("Min"),
  missing: say("Missing"),
  q1: say("Q1"),
  q3: say("Q3"),
  stdev: say("Stdev"),
  sum: say("Sum"),
  valid: say("Valid"),
  variance: say("Variance"),
};

export function titleOfOperation(operation: string): string {
  return Object.hasOwn(TITLES, operation) ? TITLES[operation]! : titleOf(operation);
}
