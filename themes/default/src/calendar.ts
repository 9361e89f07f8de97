/** Names of months, and of days from Sunday on, in the site's language: whole, and short as axes and tables have them. */
import { say } from "./words.ts";

export const MONTHS = [
  ...[say("January"), say("February"), say("March"), say("April"), say("May|long"), say("June")],
  ...[say("July"), say("August"), say("September"), say("October"), say("November"), say("December")],
];
export const SHORT_MONTHS = [
  ...[say("Jan"), say("Feb"), say("Mar"), say("Apr"), say("May"), say("Jun")],
  ...[say("Jul"), say("Aug"), say("Sep"), say("Oct"), say("Nov"), say("Dec")],
];
export const DAYS = [
  ...[say("Sunday"), say("Monday"), say("Tuesday"), say("Wednesday")],
  ...[say("Thursday"), say("Friday"), say("Saturday")],
];
export const SHORT_DAYS = [
  ...[say("Sun"), say("Mon"), say("Tue"), say("Wed")],
  ...[say("Thu"), say("Fri"), say("Sat")],
];
