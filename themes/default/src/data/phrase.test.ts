import { expect, test } from "vitest";
import { filterInWords } from "./phrase.ts";

test.each([
  ["datum.confidence < 0.5", "confidence below 0.5"],
  ["0.5 < datum.confidence", "confidence above 0.5"],
  ["datum.label == 'cat' && d.confidence >= -1", "label is cat and confidence at least −1"],
  ["datum['true label'] != datum.prediction", "true label is not prediction"],
  ["!datum.correct || datum.correct", "not correct or correct"],
  ["datum.label == null", "label is missing"],
  ["datum.label != null", "label is not missing"],
  ["indexof(['cat', 'dog'], datum.label) >= 0", "label is cat or dog"],
  ["inrange(datum.confidence, [0.4, 0.6])", "confidence from 0.4 to 0.6"],
])("the filter %s is said as %s", (filter, words) => expect(filterInWords(filter)).toBe(words));

test.each([
  "datum.a == 1 && datum.b == 2 || datum.c == 3",
  "datum.a + 1 < 2",
  "test('^a', datum.label)",
  "datum.a <",
  "alert(1)",
  "datum.a < null",
])("the filter %s has no words of its own", (filter) => expect(filterInWords(filter)).toBeNull());
