// Where in the picture the decision came from: a veil that is thin where covering changes the answer.

const FINE = 192, INK = [16, 40, 34], DARK = 210;

/** Draw the map over the picture. Dark where it does not matter, clear where it does. */
export function drawHeat(canvas, found, picture) {
  const box = picture.getBoundingClientRect();
  canvas.width = Math.max(1, Math.round(box.width));
  canvas.height = Math.max(1, Math.round(box.height));
  const veil = veilOf(found);
  const brush = canvas.getContext("2d");
  const [left, top, right, bottom] = found.box || [0, 0, 1, 1];
  const seen = shownPart(picture, box);
  brush.fillStyle = `rgb(${INK.join(" ")} / ${DARK / 255})`;
  brush.fillRect(seen.x, seen.y, seen.wide, seen.tall);
  const at = [seen.x + left * seen.wide, seen.y + top * seen.tall, (right - left) * seen.wide, (bottom - top) * seen.tall];
  brush.clearRect(...at);
  brush.imageSmoothingQuality = "high";
  brush.drawImage(veil, 1, 1, FINE - 2, FINE - 2, ...at);
}

/** The map, made smooth: between the places that were covered it goes over evenly. */
function veilOf({ values, rows, columns }) {
  const veil = document.createElement("canvas");
  veil.width = veil.height = FINE;
  const brush = veil.getContext("2d"), pixels = brush.createImageData(FINE, FINE);
  const at = (row, column) => Math.max(0, Math.min(1, values[Math.min(rows - 1, Math.max(0, row))][Math.min(columns - 1, Math.max(0, column))]));
  for (let y = 0; y < FINE; y += 1) {
    for (let x = 0; x < FINE; x += 1) {
      const [row, column] = [((y + 0.5) / FINE) * rows - 0.5, ((x + 0.5) / FINE) * columns - 0.5];
      const [r, c] = [Math.floor(row), Math.floor(column)], [dr, dc] = [row - r, column - c];
      const weight = (1 - dr) * ((1 - dc) * at(r, c) + dc * at(r, c + 1)) + dr * ((1 - dc) * at(r + 1, c) + dc * at(r + 1, c + 1));
      pixels.data.set([...INK, Math.round(DARK * (1 - weight) ** 1.4)], 4 * (y * FINE + x));
    }
  }
  brush.putImageData(pixels, 0, 0);
  return veil;
}

/** The picture keeps its shape within its element: where it really lies. */
function shownPart(picture, box) {
  const scale = Math.min(box.width / picture.naturalWidth, box.height / picture.naturalHeight);
  const [wide, tall] = [picture.naturalWidth * scale, picture.naturalHeight * scale];
  return { x: (box.width - wide) / 2, y: (box.height - tall) / 2, wide, tall };
}
