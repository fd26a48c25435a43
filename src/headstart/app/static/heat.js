// Where in the picture the decision came from: a veil that is thin where covering changes the answer.

const FINE = 192;
const INK = [16, 40, 34];
const DARK = 210;

/** @typedef {{ x: number, y: number, wide: number, tall: number }} Box */

/**
 * What to draw with.
 * @param {HTMLCanvasElement} canvas
 * @returns {CanvasRenderingContext2D}
 */
export function brushOf(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}

/**
 * Draw the map over the picture. Dark where it does not matter, clear where it does.
 * @param {HTMLCanvasElement} canvas
 * @param {Api.HeatMap} map
 * @param {HTMLImageElement} picture
 */
export function drawHeat(canvas, map, picture) {
  const box = picture.getBoundingClientRect();
  canvas.width = Math.max(1, Math.round(box.width));
  canvas.height = Math.max(1, Math.round(box.height));
  const brush = brushOf(canvas);
  const seen = shownPart(picture, box);
  brush.fillStyle = `rgb(${INK.join(" ")} / ${DARK / 255})`;
  brush.fillRect(seen.x, seen.y, seen.wide, seen.tall);
  const { x, y, wide, tall } = within(seen, map.box || [0, 0, 1, 1]);
  brush.clearRect(x, y, wide, tall);
  brush.imageSmoothingQuality = "high";
  brush.drawImage(veilOf(map), 1, 1, FINE - 2, FINE - 2, x, y, wide, tall);
}

/**
 * A part of a box that is given in shares of its sides.
 * @param {Box} seen
 * @param {[number, number, number, number]} shares
 * @returns {Box}
 */
function within(seen, [left, top, right, bottom]) {
  return {
    x: seen.x + left * seen.wide,
    y: seen.y + top * seen.tall,
    wide: (right - left) * seen.wide,
    tall: (bottom - top) * seen.tall,
  };
}

/**
 * The map, made smooth: between the places that were covered it goes over evenly.
 * @param {Api.HeatMap} map
 */
function veilOf(map) {
  const veil = document.createElement("canvas");
  veil.width = veil.height = FINE;
  const brush = brushOf(veil);
  const pixels = brush.createImageData(FINE, FINE);
  for (let y = 0; y < FINE; y += 1) {
    for (let x = 0; x < FINE; x += 1) {
      const row = ((y + 0.5) / FINE) * map.rows - 0.5;
      const column = ((x + 0.5) / FINE) * map.columns - 0.5;
      const opacity = Math.round(DARK * (1 - between(map, row, column)) ** 1.4);
      pixels.data.set([...INK, opacity], 4 * (y * FINE + x));
    }
  }
  brush.putImageData(pixels, 0, 0);
  return veil;
}

/**
 * The map between its values, from the four around.
 * @param {Api.HeatMap} map
 * @param {number} row
 * @param {number} column
 */
function between(map, row, column) {
  const [r, c] = [Math.floor(row), Math.floor(column)];
  const [down, right] = [row - r, column - c];
  const above = (1 - right) * valueAt(map, r, c) + right * valueAt(map, r, c + 1);
  const below = (1 - right) * valueAt(map, r + 1, c) + right * valueAt(map, r + 1, c + 1);
  return (1 - down) * above + down * below;
}

/**
 * @param {Api.HeatMap} map
 * @param {number} row
 * @param {number} column
 */
function valueAt({ values, rows, columns }, row, column) {
  const line = values[Math.min(rows - 1, Math.max(0, row))];
  return Math.max(0, Math.min(1, line[Math.min(columns - 1, Math.max(0, column))]));
}

/**
 * The picture keeps its shape within its element: where it really lies.
 * @param {HTMLImageElement} picture
 * @param {DOMRect} box
 * @returns {Box}
 */
function shownPart(picture, box) {
  const scale = Math.min(box.width / picture.naturalWidth, box.height / picture.naturalHeight);
  const [wide, tall] = [picture.naturalWidth * scale, picture.naturalHeight * scale];
  return { x: (box.width - wide) / 2, y: (box.height - tall) / 2, wide, tall };
}
