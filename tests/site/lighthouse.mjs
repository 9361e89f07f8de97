// Measures pages with Lighthouse, as phones see them: node lighthouse.mjs CHROMIUM URL… writes one line of JSON a page.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import lighthouse from "lighthouse";

const [chromium, ...urls] = process.argv.slice(2);
const ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0"];
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const LISTENING = /listening on ws:\/\/127\.0\.0\.1:(\d+)/;

const profile = mkdtempSync(join(tmpdir(), "sitegen-lighthouse-"));
const browser = spawn(chromium, [...ARGUMENTS, `--user-data-dir=${profile}`], {
  stdio: ["ignore", "ignore", "pipe"],
});
try {
  const port = await listening(browser);
  for (const url of urls) console.log(JSON.stringify(await measured(url, port)));
} finally {
  const left = new Promise((done) => browser.once("exit", done));
  browser.kill();
  await left;
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}

/** Waits until the browser says at which port it can be asked. */
function listening({ stderr }) {
  return new Promise((done, fail) => {
    let said = "";
    stderr.on("data", (text) => {
      said += text;
      const port = LISTENING.exec(said)?.[1];
      if (port) done(Number(port));
    });
    stderr.on("end", () => fail(new Error(`Chromium did not start: ${said}`)));
  });
}

/** Scores from 0 to 100, what costs points, and how fast the machine is: Lighthouse expects 1000 or more. */
async function measured(url, port) {
  const { lhr } = await lighthouse(url, { port, onlyCategories: CATEGORIES, logLevel: "error" });
  const scores = Object.fromEntries(CATEGORIES.map((name) => [name, Math.round(lhr.categories[name].score * 100)]));
  const weak = Object.values(lhr.audits)
    .filter(({ score, scoreDisplayMode }) => score !== null && score < 0.9 && scoreDisplayMode !== "informative")
    .map(({ id, displayValue = "" }) => `${id} ${displayValue}`.trim());
  return { url, scores, weak, benchmark: Math.round(lhr.environment.benchmarkIndex) };
}
