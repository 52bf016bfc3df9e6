// One animation frame for everything that draws: however much arrives, the page is drawn once.

/** `schedule()` asks for a drawing; `every(step)` adds a step that runs each frame while it returns true. */
export function frames(draw, request = globalThis.requestAnimationFrame) {
  let asked = false;
  let dirty = false;
  const steps = new Set();

  function run(at) {
    asked = false;
    if (dirty) {
      dirty = false;
      draw();
    }
    for (const step of steps) if (!step(at)) steps.delete(step);
    if (steps.size || dirty) ask();
  }

  function ask() {
    if (asked) return;
    asked = true;
    request(run);
  }

  return {
    schedule() {
      dirty = true;
      ask();
    },
    every(step) {
      steps.add(step);
      ask();
    },
  };
}
