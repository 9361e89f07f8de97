// Runs in every report page that is compared, before its own scripts, and tells time the same way in each:
// `clock.first` is when the first chart was on the screen, and `clock.watch` times one filter.
window.clock = (() => {
  const QUIET = 600;
  const LONGEST = 60_000;
  const SMALLEST = { width: 120, height: 60 };
  const MARKS = 5;
  const DRAWING = {
    CanvasRenderingContext2D: ["fill", "fillRect", "stroke", "drawImage", "putImageData", "clearRect"],
    WebGLRenderingContext: ["drawArrays", "drawElements", "clear"],
    WebGL2RenderingContext: ["drawArrays", "drawElements", "drawArraysInstanced", "drawElementsInstanced", "clear"],
  };
  const drawn = new WeakSet();
  let onDraw = () => {};

  for (const [context, methods] of Object.entries(DRAWING))
    for (const method of methods) {
      const original = window[context].prototype[method];
      window[context].prototype[method] = function (...given) {
        if (!method.startsWith("clear")) drawn.add(this.canvas);
        onDraw(this.canvas);
        return original.apply(this, given);
      };
    }

  /** When what is there now is on the screen: after the next frame has been painted. */
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(performance.now()))));

  /** Whether an element is on the screen and as large as a chart. */
  function isShown(element) {
    const box = element.getBoundingClientRect();
    const isInside = box.top < innerHeight && box.bottom > 0 && box.left < innerWidth && box.right > 0;
    const isLarge = box.width >= SMALLEST.width && box.height >= SMALLEST.height;
    return isInside && isLarge && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  }

  /** Whether an SVG shows at least five marks: shapes with an area, none of them the plot's ground. */
  function hasMarks(svg) {
    const plot = svg.getBoundingClientRect();
    let marks = 0;
    for (const shape of svg.querySelectorAll("path, rect, circle")) {
      const { width, height } = shape.getBoundingClientRect();
      if (width < 2 || height < 2 || width * height > (plot.width * plot.height) / 3) continue;
      if (++marks === MARKS) return true;
    }
    return false;
  }

  const isChart = (element) => isShown(element) && (drawn.has(element) || (element.matches("svg") && hasMarks(element)));

  const first = new Promise((resolve, reject) => {
    const look = () => {
      if ([...document.querySelectorAll("svg, canvas")].some(isChart)) void painted().then(resolve);
      else if (performance.now() > LONGEST) reject(new Error("no chart was ever on the screen"));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });

  /** Calls back with ms from the next press of a button or key to the painted frame of the last change in the views. */
  function watch(selector) {
    const views = [...document.querySelectorAll(selector)];
    let started = null;
    let changed = null;
    let shown = null;
    const start = (event) => (started ??= event.timeStamp);
    for (const press of ["pointerdown", "keydown"]) addEventListener(press, start, { capture: true });
    const change = () => {
      if (started === null) return;
      changed = performance.now();
      shown ??= painted().then((now) => ((shown = null), now));
      last = shown;
    };
    let last = null;
    const observer = new MutationObserver(change);
    for (const view of views)
      observer.observe(view, { subtree: true, childList: true, attributes: true, characterData: true });
    onDraw = (canvas) => views.some((view) => view.contains(canvas)) && change();
    const begun = performance.now();
    return new Promise((resolve, reject) => {
      const look = () => {
        const now = performance.now();
        if (changed !== null && now - changed > QUIET) void last.then((time) => resolve(time - started));
        else if (now - begun > LONGEST) reject(new Error(changed ? "the views never rest" : "no view changed"));
        else return void setTimeout(look, 20);
        observer.disconnect();
        onDraw = () => {};
        for (const press of ["pointerdown", "keydown"]) removeEventListener(press, start, { capture: true });
      };
      look();
    });
  }

  let pending = null;
  return {
    first,
    watch: (selector) => {
      pending = watch(selector);
      pending.catch(() => {});
    },
    result: () => pending,
  };
})();
