// A stop as a circle marker on the shared canvas, with its number, its status mark and its late dot drawn in.

/** The pin class for this Leaflet; options: radius, fillColor, ink, text, mark ("", "done", "failed", "open", "alert"), late, selected, dim, grow, marks. */
export function pinClass(L) {
  return L.CircleMarker.extend({
    _updatePath() {
      const renderer = this._renderer;
      if (!renderer._drawing || this._empty()) return;
      draw(renderer._ctx, this._point, this._radius + (this.options.grow ?? 0), this.options);
    },
    /** Leaflet redraws only this much of the canvas: it must cover the ring and the dot as well. */
    _updateBounds() {
      const reach = this._radius + 12;
      this._pxBounds = L.bounds(this._point.subtract([reach, reach]), this._point.add([reach, reach]));
    },
  });
}

function draw(ctx, { x, y }, radius, options) {
  const { marks, mark, selected, late, text, ink, fillColor, dim } = options;
  ctx.globalAlpha = dim ? marks.dim : 1;
  ctx.setLineDash([]); // a dashed route line may have been drawn just before
  if (selected) ring(ctx, x, y, radius + 4, marks.select, 2.5);
  const done = mark === "done";
  const size = done ? radius * 0.8 : radius;
  ctx.beginPath();
  if (mark === "failed") ctx.rect(x - size, y - size, 2 * size, 2 * size);
  else ctx.arc(x, y, size, 0, 2 * Math.PI);
  ctx.fillStyle = mark === "failed" ? marks.failed : done || mark === "open" ? marks.halo : fillColor;
  ctx.fill();
  ctx.lineWidth = done || mark === "open" ? 2 : 1.5;
  ctx.strokeStyle = done || mark === "open" || mark === "alert" ? fillColor : marks.halo;
  ctx.stroke();
  if (radius >= 5) symbol(ctx, x, y, size, options, done ? fillColor : mark === "failed" ? "#ffffff" : mark === "open" ? fillColor : ink, text);
  if (late) dot(ctx, x + radius * 0.75, y - radius * 0.75, Math.max(3, radius * 0.42), marks);
  ctx.globalAlpha = 1;
}

function symbol(ctx, x, y, size, { mark }, colour, text) {
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = 1.6;
  const reach = size * 0.45;
  if (mark === "done") line(ctx, [[x - reach, y], [x - reach * 0.25, y + reach * 0.7], [x + reach, y - reach * 0.6]]);
  else if (mark === "failed") {
    line(ctx, [[x - reach, y - reach], [x + reach, y + reach]]);
    line(ctx, [[x + reach, y - reach], [x - reach, y + reach]]);
  } else if (text && size >= 7) {
    ctx.font = `600 ${text.length > 2 ? 8 : size >= 9 ? 10 : 9}px system-ui, sans-serif`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(text, x, y + 0.5);
  }
}

function line(ctx, points) {
  ctx.beginPath();
  points.forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
  ctx.stroke();
}

function ring(ctx, x, y, radius, colour, width) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.lineWidth = width;
  ctx.strokeStyle = colour;
  ctx.stroke();
}

function dot(ctx, x, y, radius, marks) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = marks.late;
  ctx.fill();
  ctx.lineWidth = 1.2;
  ctx.strokeStyle = marks.halo;
  ctx.stroke();
}
