"""What is measured inside the page, and what the browser's own counters say."""

from typing import Any

import numpy as np
from playwright.sync_api import CDPSession, Page

# Before anything of the page runs: when the board was first drawn, and when marked things changed.
WATCH = """
window.__bench = {drawn: null, seen: []};
new MutationObserver(() => {
  const board = document.getElementById("board");
  if (board?.getAttribute("aria-busy") === "false") window.__bench.drawn ??= performance.now();
}).observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ["aria-busy"]});
// A van's arrow is turned to its heading when it is drawn.
const turn = CanvasRenderingContext2D.prototype.rotate;
CanvasRenderingContext2D.prototype.rotate = function (angle) {
  if (angle > 0) window.__bench.headings?.push({ heading: Math.round((angle * 180) / Math.PI), at: Date.now() });
  return turn.call(this, angle);
};
"""
PAINT = "() => performance.getEntriesByType('paint').find((one) => one.name === 'first-contentful-paint')?.startTime"
# How many frames a second while the pointer drags the map to and fro.
FRAMES = """(seconds) => new Promise((done) => {
  const began = performance.now();
  let frames = 0;
  const step = (now) => {
    frames += 1;
    if (now - began < 1000 * seconds) requestAnimationFrame(step);
    else done(frames / ((now - began) / 1000));
  };
  requestAnimationFrame(step);
})"""
BARE = """([circles, lat, lng]) => {
  document.body.innerHTML = '<div id="map" style="position:fixed;inset:0"></div>';
  const map = L.map("map", {preferCanvas: true, zoomControl: false}).setView([lat, lng], 14);
  const renderer = L.canvas({padding: .3});
  const near = () => [lat + (Math.random() - .5) * .024, lng + (Math.random() - .5) * .048];
  for (let i = 0; i < circles; i++) L.circleMarker(near(), {renderer, radius: 6}).addTo(map);
}"""


def busy_ms(cdp: CDPSession) -> np.ndarray:
    """Milliseconds that the page's main thread has been busy so far: with anything, with scripts."""
    metrics = {one["name"]: one["value"] for one in cdp.send("Performance.getMetrics")["metrics"]}
    return 1000 * np.array([metrics["TaskDuration"], metrics["ScriptDuration"]])


def heap_mb(cdp: CDPSession) -> float:
    """What is really used, after the garbage is gone."""
    cdp.send("HeapProfiler.collectGarbage")
    return float(cdp.send("Runtime.getHeapUsage")["usedSize"]) / 2**20


def frames_while_panning(page: Page, selector: str, seconds: float = 3.0) -> float:
    """Frames a second while the map is dragged, at its lower edge: elsewhere the pointer takes a stop along."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] - 60
    page.evaluate("(seconds) => { window.__frames = (" + FRAMES + ")(seconds); }", seconds)
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(int(seconds * 40)):
        page.mouse.move(x + 120 * ((step // 20) % 2 * 2 - 1) * (step % 20) / 20, y + 30)
        page.wait_for_timeout(16)
    page.mouse.up()
    found: Any = page.evaluate("() => window.__frames")
    return float(found)
