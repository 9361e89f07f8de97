import { expect, test } from "vitest";
import { readLink } from "../live/state.ts";
import { shownAt, staticLink } from "./address.ts";

const DATA = {
  data: [
    { name: "b/t", digest: "ffffff012345" },
    { name: "a/t", digest: "012345ffffff" },
  ],
};

test.each([
  ["", "#~.data=012345.ffffff"],
  ["#place", "#place~.data=012345.ffffff"],
  ["#place~filter=x", "#place~filter=x&.data=012345.ffffff"],
  ["#~.data=aaaaaa&filter=x", "#~filter=x&.data=012345.ffffff"],
])("the link %s of a page that is not live says which data it shows", (hash, expected) => {
  const { hash: found } = staticLink(hash, DATA);
  expect(found).toBe(expected);
  expect(readLink(found)).toMatchObject({ data: "012345.ffffff", problems: [] });
});

test("a link to a view has its anchor, and a page without data none of theirs", () => {
  expect(staticLink("#place~filter=x", DATA, "chart").hash).toBe("#chart~filter=x&.data=012345.ffffff");
  expect(staticLink("", { data: [] }).hash).toBe("");
});

test("a page from a disk is where it is on the web, if that is known", () => {
  const file = { protocol: "file:", href: "file:///home/me/page.html#here" };
  expect(shownAt(file, { url: "https://a.example/page.html" })).toBe("https://a.example/page.html");
  expect(shownAt(file, { url: "" })).toBe("file:///home/me/page.html");
  const web = { protocol: "https:", href: "https://b.example/page.html?x=1#here" };
  expect(shownAt(web, { url: "https://a.example/" })).toBe("https://b.example/page.html?x=1");
});
