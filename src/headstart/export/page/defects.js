// What a model that finds defects says of a photo: the answer, its score, and where the oddest places are.

import { node, tell } from "./elements.js";

const ANSWERS = ["ok", "defect", "out of distribution"];
const [START, LINE, END] = [0.7, 1, 1.5]; // the scale of all maps, as Python paints them
const STRONGEST = 0.7;
const COLOUR = [255, 40, 0];
const WIDEST = 480;

/**
 * The value of a map between the middles of its places.
 * @param {number[]} map line by line
 * @param {number} side
 * @param {number} x from 0 to 1
 * @param {number} y from 0 to 1
 */
function between(map, side, x, y) {
  const [across, down] = [x, y].map((share) => Math.min(Math.max(share * side - 0.5, 0), side - 1));
  const [left, top] = [Math.floor(across), Math.floor(down)];
  const [right, bottom] = [Math.min(left + 1, side - 1), Math.min(top + 1, side - 1)];
  const [wide, high] = [across - left, down - top];
  const upper = map[top * side + left] * (1 - wide) + map[top * side + right] * wide;
  const lower = map[bottom * side + left] * (1 - wide) + map[bottom * side + right] * wide;
  return upper * (1 - high) + lower * high;
}

/**
 * Paint a map over pixels, with a line where defects begin.
 * @param {ImageData} image
 * @param {number[]} map
 */
function paint(image, map) {
  const { width, height, data } = image;
  const side = Math.round(Math.sqrt(map.length));
  const heat = Float32Array.from({ length: width * height }, (_, at) =>
    between(map, side, ((at % width) + 0.5) / width, (Math.floor(at / width) + 0.5) / height),
  );
  for (let at = 0; at < heat.length; at += 1) {
    const share = Math.min(Math.max((heat[at] - START) / (END - START), 0), 1) * STRONGEST;
    const isEdge =
      heat[at] >= LINE && [at - 1, at + 1, at - width, at + width].some((near) => heat[near] < LINE);
    for (let channel = 0; channel < 3; channel += 1) {
      const place = 4 * at + channel;
      data[place] = isEdge ? 255 : data[place] * (1 - share) + COLOUR[channel] * share;
    }
  }
  return image;
}

/**
 * A photo with its map over it.
 * @param {string} picture
 * @param {number[]} map
 */
async function mapped(picture, map) {
  const shown = new Image();
  shown.src = picture;
  await shown.decode();
  const canvas = document.createElement("canvas");
  const share = Math.min(1, WIDEST / Math.max(shown.naturalWidth, shown.naturalHeight));
  canvas.width = Math.max(1, Math.round(shown.naturalWidth * share));
  canvas.height = Math.max(1, Math.round(shown.naturalHeight * share));
  canvas.className = "map";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "The photo, with the oddest places marked");
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  if (brush) {
    brush.drawImage(shown, 0, 0, canvas.width, canvas.height);
    brush.putImageData(paint(brush.getImageData(0, 0, canvas.width, canvas.height), map), 0, 0);
  }
  return canvas;
}

/**
 * The answer in words, and the figures behind it.
 * @param {Exported.Outputs} outputs
 * @param {number} threshold
 */
function judged(outputs, threshold) {
  const [score] = outputs.score;
  const [share] = outputs.p_value;
  return {
    answer: ANSWERS[outputs.answer[0]],
    detail:
      `Score ${score.toFixed(1)}, defective from ${threshold.toFixed(1)}. ` +
      `Of 100 good parts ${(100 * share).toPrecision(2)} are at least as odd.`,
  };
}

/**
 * Say what a photo is, and show where it is odd.
 * @param {HTMLElement} said
 * @param {string} name
 * @param {Exported.Outputs} outputs
 * @param {number} threshold
 * @param {string} [picture]
 */
export async function judge(said, name, outputs, threshold, picture) {
  const { answer: word, detail } = judged(outputs, threshold);
  said.lastChild?.replaceWith(node("h2", word), node("p", detail));
  if (picture) said.append(await mapped(picture, outputs.heatmap));
  tell(`${name}: ${word}`);
}
