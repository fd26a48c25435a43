// From what a person gives to what the graph takes. Resizing, spectrograms and hashing are in the graph.
import { Tokenizer } from "./tokens.js";

const MOST_PIXELS = 100_000_000;
const CANCELS = 0.05; // see headstart.data.audio.downmix
const WHOLE_NUMBER_PEAK = 64;

export async function photo(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image", colorSpaceConversion: "none" });
  } catch {
    throw new Error("This browser cannot open it as a picture.");
  }
  if (bitmap.width * bitmap.height > MOST_PIXELS) {
    throw new Error(`It has ${bitmap.width} x ${bitmap.height} pixels; at most 100 million can be opened.`);
  }
  return pixels(bitmap, bitmap.width, bitmap.height);
}

// Pixels of anything that can be drawn, transparency over white, as the graph takes them.
export function pixels(drawn, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(drawn, 0, 0);
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    const opacity = rgba[from + 3];
    for (let channel = 0; channel < 3; channel++) {
      const value = rgba[from + channel];
      data[to + channel] = opacity === 255 ? value : Math.floor((value * opacity + 255 * (255 - opacity) + 127) / 255);
    }
  }
  return { image: { type: "uint8", data, dims: [height, width, 3] } };
}

export async function sound(blob, inputs) {
  const feeds = {};
  for (const { name, rate, seconds } of inputs) {
    const bytes = await blob.arrayBuffer();
    const samples = mono(wave(bytes, rate) ?? await decoded(bytes, rate)).slice(0, Math.ceil(seconds * rate));
    feeds[name] = { type: "float32", data: samples, dims: [samples.length] };
  }
  return feeds;
}

// The channels of a plain WAV that has the rate already: a browser's own decoder would scale 16-bit values
// by other numbers than everybody else. Null for all other files.
function wave(bytes, rate) {
  const view = new DataView(bytes);
  const name = (at) => String.fromCharCode(...new Uint8Array(bytes, at, 4));
  if (bytes.byteLength < 44 || name(0) !== "RIFF" || name(8) !== "WAVE") return null;
  let format = null;
  for (let at = 12; at + 8 <= bytes.byteLength;) {
    const size = view.getUint32(at + 4, true);
    if (name(at) === "fmt ") {
      format = { kind: view.getUint16(at + 8, true), channels: view.getUint16(at + 10, true), rate: view.getUint32(at + 12, true), bits: view.getUint16(at + 22, true) };
    } else if (name(at) === "data") {
      const plain = format && format.kind === 1 && format.bits === 16 && format.channels && format.rate === rate;
      return plain ? channelsOf(view, at + 8, Math.min(size, bytes.byteLength - at - 8), format.channels) : null;
    }
    at += 8 + size + (size % 2);
  }
  return null;
}

function channelsOf(view, start, size, count) {
  const frames = Math.floor(size / (2 * count));
  if (!frames) throw new Error("The sound has no samples.");
  return Array.from({ length: count }, (_, channel) =>
    Float32Array.from({ length: frames }, (_, i) => view.getInt16(start + 2 * (i * count + channel), true) / 32768));
}

async function decoded(bytes, rate) {
  if (!bytes.byteLength) throw new Error("The file is empty.");
  try {
    const buffer = await new OfflineAudioContext(1, 1, rate).decodeAudioData(bytes);
    return Array.from({ length: buffer.numberOfChannels }, (_, i) => buffer.getChannelData(i));
  } catch {
    throw new Error("This browser cannot open it as a sound.");
  }
}

// The mean of the channels, or the loudest where they would cancel each other.
function mono(channels) {
  let mixed = channels[0];
  if (channels.length > 1) {
    mixed = channels[0].map((_, i) => channels.reduce((sum, one) => sum + one[i], 0) / channels.length);
    const energy = (row) => row.reduce((sum, value) => sum + value * value, 0);
    const energies = channels.map(energy);
    const mean = energies.reduce((sum, one) => sum + one, 0) / channels.length;
    if (energy(mixed) < CANCELS * mean) mixed = channels[energies.indexOf(Math.max(...energies))];
  }
  const peak = mixed.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return peak > WHOLE_NUMBER_PEAK ? mixed.map((value) => value / Math.max(peak, 32768)) : mixed;
}

export class Texts {
  constructor(files, countsWords) {
    this.tokenizers = files.map(({ tokenizer, pad }) => [new Tokenizer(tokenizer), pad]);
    this.countsWords = countsWords;
  }

  feeds(given) {
    const text = cleaned(given);
    if (!text.trim()) throw new Error("The text is empty.");
    const feeds = {};
    this.tokenizers.forEach(([tokenizer, pad], number) => {
      let ids = tokenizer.encode(text);
      if (!ids.length) ids = [pad];
      const suffix = number ? `_${number + 1}` : "";
      const dims = [1, ids.length];
      feeds[`input_ids${suffix}`] = { type: "int64", data: BigInt64Array.from(ids, BigInt), dims };
      feeds[`attention_mask${suffix}`] = { type: "int64", data: new BigInt64Array(ids.length).fill(1n), dims };
    });
    if (this.countsWords) {
      const codes = Int32Array.from(text.toLowerCase(), (letter) => letter.codePointAt(0));
      feeds.code_points = { type: "int32", data: codes, dims: [codes.length] };
    }
    return feeds;
  }
}

// See headstart.data.text.clean.
function cleaned(text) {
  return text.replaceAll("\0", "").replace(/\r\n?/g, "\n").replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd").replace(/^\ufeff/, "");
}
