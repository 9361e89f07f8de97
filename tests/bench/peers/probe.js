// Runs in every page that is measured. `probe.watch` begins one update: the next pointer move starts its clock, and
// the last change of every watched drawing, once they are quiet, stops it.
window.probe = (() => {
  const QUIET = 60;
  const LONGEST = 20_000;

  /** Where the charts' plots are, in the order of the page. */
  function plots() {
    const found = [...document.querySelectorAll("svg path.background")]
      .map((path) => path.getBoundingClientRect())
      .filter((box) => box.width > 50 && box.height > 20);
    return found.map(({ x, y, width, height }) => ({ x, y, width, height }));
  }

  /** Calls `done` with ms from the next pointer move to the last drawing, and to the frame that showed it. */
  function watch(drawings) {
    const drawn = new Map();
    const frames = [];
    let started = null;
    addEventListener("pointermove", () => (started ??= performance.now()), { capture: true, once: true });
    const observers = drawings.map((drawing) => {
      const observer = new MutationObserver(() => {
        if (started === null) return;
        drawn.set(drawing, performance.now());
        requestAnimationFrame(() => frames.push(performance.now()));
      });
      observer.observe(drawing, { subtree: true, childList: true, attributes: true });
      return observer;
    });
    const begun = performance.now();
    return new Promise((resolve, reject) => {
      const look = () => {
        const now = performance.now();
        const last = Math.max(...drawn.values());
        if (drawn.size === drawings.length && now - last > QUIET) {
          resolve({ drawn: last - started, shown: Math.max(...frames) - started });
        } else if (now - begun > LONGEST) {
          reject(new Error(`only ${drawn.size} of ${drawings.length} drawings changed`));
        } else {
          setTimeout(look, 5);
          return;
        }
        observers.forEach((observer) => observer.disconnect());
      };
      look();
    });
  }

  let pending = null;
  return {
    plots,
    watch: (selectors) => {
      pending = watch(selectors.map((selector) => document.querySelector(selector)));
    },
    result: () => pending,
  };
})();
