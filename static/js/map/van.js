// A vehicle as drawn on its canvas: a disc with the route's name, an arrow for the heading, a ring for the share done.

const DISC = 13;
const RING = 15;
const TURN = 2 * Math.PI;

/** The class for this Leaflet; options: name, fillColor, ink, heading (degrees, null: standing), share, behind, stale, dim, marks. */
export function vanClass(L) {
  return L.CircleMarker.extend({
    options: { radius: 22, interactive: false },
    _updatePath() {
      const renderer = this._renderer;
      if (renderer._drawing) draw(renderer._ctx, this._point, this.options);
    },
  });
}

function draw(ctx, { x, y }, { name, fillColor, ink, heading, share, behind, stale, dim, marks }) {
  ctx.save();
  ctx.translate(x, y);
  ctx.globalAlpha = dim ? 0.35 : 1;
  ctx.setLineDash([]);
  if (heading !== null && !stale) arrow(ctx, heading, fillColor, marks.halo);
  circle(ctx, DISC, 0, TURN);
  ctx.globalAlpha *= stale ? 0.45 : 1;
  ctx.fillStyle = fillColor;
  ctx.fill();
  ctx.globalAlpha = dim ? 0.35 : 1;
  stroke(ctx, 3.5, behind ? marks.behindTrack : marks.halo, RING, 0, TURN);
  if (share > 0) stroke(ctx, 3.5, stale ? marks.muted : behind ? marks.failed : marks.onTime, RING, -TURN / 4, share * TURN - TURN / 4);
  ctx.setLineDash(stale ? [3, 3] : []);
  stroke(ctx, 1.5, stale ? marks.muted : marks.halo, DISC, 0, TURN);
  ctx.fillStyle = stale ? marks.text : ink;
  ctx.font = "700 10px system-ui, sans-serif";
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(name, 0, 0.5);
  ctx.restore();
}

function circle(ctx, radius, from, to) {
  ctx.beginPath();
  ctx.arc(0, 0, radius, from, to);
}

function stroke(ctx, width, colour, radius, from, to) {
  circle(ctx, radius, from, to);
  ctx.lineWidth = width;
  ctx.strokeStyle = colour;
  ctx.stroke();
}

function arrow(ctx, heading, colour, halo) {
  const angle = (heading * Math.PI) / 180;
  ctx.rotate(angle);
  ctx.beginPath();
  ctx.moveTo(0, -21);
  ctx.lineTo(6, -12);
  ctx.lineTo(-6, -12);
  ctx.closePath();
  ctx.lineWidth = 1.2;
  ctx.strokeStyle = halo;
  ctx.stroke();
  ctx.fillStyle = colour;
  ctx.fill();
  ctx.rotate(-angle);
}
