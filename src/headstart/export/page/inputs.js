// From what a person gives to what the graph takes. Resizing, spectrograms and hashing are in the graph.
import { Tokenizer } from "./tokens.js";

const MOST_PIXELS = 100_000_000;
const CANCELS = 0.05; // see headstart.data.audio.downmix
const WHOLE_NUMBER_PEAK = 64;
const LEAST_WAV = 44;

/** @param {Blob} file */
export async function photo(file) {
  const bitmap = await opened(file);
  const { width, height } = bitmap;
  if (width * height > MOST_PIXELS) {
    throw new Error(`It has ${width} x ${height} pixels; at most 100 million can be opened.`);
  }
  return pixels(bitmap, width, height);
}

/** @param {Blob} file */
async function opened(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image", colorSpaceConversion: "none" });
  } catch {
    throw new Error("This browser cannot open it as a picture.");
  }
}

/**
 * Pixels of anything that can be drawn, transparency over white, as the graph takes them.
 * @param {CanvasImageSource} drawn
 * @param {number} width
 * @param {number} height
 * @returns {Exported.Feeds}
 */
export function pixels(drawn, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("This browser cannot draw pictures.");
  context.drawImage(drawn, 0, 0);
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    const opacity = rgba[from + 3];
    for (let channel = 0; channel < 3; channel += 1) {
      const value = rgba[from + channel];
      data[to + channel] = opacity === 255 ? value : overWhite(value, opacity);
    }
  }
  return { image: { type: "uint8", data, dims: [height, width, 3] } };
}

/**
 * @param {number} value
 * @param {number} opacity
 */
const overWhite = (value, opacity) => Math.floor((value * opacity + 255 * (255 - opacity) + 127) / 255);

/**
 * @param {Blob} blob
 * @param {Exported.SoundInput[]} inputs
 */
export async function sound(blob, inputs) {
  /** @type {Exported.Feeds} */
  const feeds = {};
  for (const { name, rate, seconds } of inputs) {
    const bytes = await blob.arrayBuffer();
    const samples = mono(wave(bytes, rate) ?? (await decoded(bytes, rate)));
    const data = samples.slice(0, Math.ceil(seconds * rate));
    feeds[name] = { type: "float32", data, dims: [data.length] };
  }
  return feeds;
}

/**
 * The parts of a WAV file: their names, where their content begins, and how long it is.
 * @param {DataView} view
 * @returns {Generator<{ name: string, start: number, size: number }>}
 */
function* chunks(view) {
  for (let at = 12; at + 8 <= view.byteLength; ) {
    const size = view.getUint32(at + 4, true);
    yield { name: nameAt(view, at), start: at + 8, size };
    at += 8 + size + (size % 2);
  }
}

/**
 * @param {DataView} view
 * @param {number} at
 */
const nameAt = (view, at) => String.fromCharCode(...new Uint8Array(view.buffer, at, 4));

/**
 * How many channels a WAV file of 16-bit numbers of this rate has, from its format; 0 for any other.
 * @param {DataView} view
 * @param {number} start
 * @param {number} rate
 */
function channelsOfFormat(view, start, rate) {
  const isPlain = view.getUint16(start, true) === 1 && view.getUint16(start + 14, true) === 16;
  const hasRate = view.getUint32(start + 4, true) === rate;
  return isPlain && hasRate ? view.getUint16(start + 2, true) : 0;
}

/**
 * The channels of a plain WAV that has the rate already: a browser's own decoder would scale 16-bit values
 * by other numbers than everybody else. Null for all other files.
 * @param {ArrayBuffer} bytes
 * @param {number} rate
 */
function wave(bytes, rate) {
  const view = new DataView(bytes);
  if (bytes.byteLength < LEAST_WAV || nameAt(view, 0) !== "RIFF" || nameAt(view, 8) !== "WAVE") return null;
  let channels = 0;
  for (const { name, start, size } of chunks(view)) {
    if (name === "fmt ") channels = channelsOfFormat(view, start, rate);
    if (name === "data") {
      return channels ? channelsOf(view, start, Math.min(size, bytes.byteLength - start), channels) : null;
    }
  }
  return null;
}

/**
 * @param {DataView} view
 * @param {number} start
 * @param {number} size
 * @param {number} count
 */
function channelsOf(view, start, size, count) {
  const frames = Math.floor(size / (2 * count));
  if (!frames) throw new Error("The sound has no samples.");
  /**
   * @param {number} frame
   * @param {number} channel
   */
  const sample = (frame, channel) => view.getInt16(start + 2 * (frame * count + channel), true) / 32768;
  return Array.from({ length: count }, (_, channel) =>
    Float32Array.from({ length: frames }, (__, frame) => sample(frame, channel)),
  );
}

/**
 * @param {ArrayBuffer} bytes
 * @param {number} rate
 */
async function decoded(bytes, rate) {
  if (!bytes.byteLength) throw new Error("The file is empty.");
  try {
    const buffer = await new OfflineAudioContext(1, 1, rate).decodeAudioData(bytes);
    return Array.from({ length: buffer.numberOfChannels }, (_, i) => buffer.getChannelData(i));
  } catch {
    throw new Error("This browser cannot open it as a sound.");
  }
}

/**
 * The mean of the channels, or the loudest where they would cancel each other.
 * @param {Float32Array[]} channels
 */
function mono(channels) {
  const mixed = channels.length > 1 ? mixedOf(channels) : channels[0];
  const peak = mixed.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return peak > WHOLE_NUMBER_PEAK ? mixed.map((value) => value / Math.max(peak, 32768)) : mixed;
}

/** @param {Float32Array} samples */
const energy = (samples) => samples.reduce((sum, value) => sum + value * value, 0);

/** @param {Float32Array[]} channels */
function mixedOf(channels) {
  const mixed = channels[0].map((_, i) => channels.reduce((sum, each) => sum + each[i], 0) / channels.length);
  const energies = channels.map(energy);
  const mean = energies.reduce((sum, each) => sum + each, 0) / channels.length;
  return energy(mixed) < CANCELS * mean ? channels[energies.indexOf(Math.max(...energies))] : mixed;
}

export class Texts {
  /**
   * @param {Exported.TextInput[]} files
   * @param {boolean} countsWords
   */
  constructor(files, countsWords) {
    this.inputs = files.map(({ tokenizer, pad }) => ({ tokenizer: new Tokenizer(tokenizer), pad }));
    this.countsWords = countsWords;
  }

  /**
   * @param {string} given
   * @returns {Exported.Feeds}
   */
  feeds(given) {
    const text = cleaned(given);
    if (!text.trim()) throw new Error("The text is empty.");
    /** @type {Exported.Feeds} */
    const feeds = {};
    this.inputs.forEach(({ tokenizer, pad }, number) => {
      const tokens = tokenizer.encode(text);
      const ids = tokens.length ? tokens : [pad];
      const suffix = number ? `_${number + 1}` : "";
      const dims = [1, ids.length];
      const mask = new BigInt64Array(ids.length).fill(1n);
      feeds[`input_ids${suffix}`] = { type: "int64", data: BigInt64Array.from(ids, BigInt), dims };
      feeds[`attention_mask${suffix}`] = { type: "int64", data: mask, dims };
    });
    if (this.countsWords) {
      const codes = Int32Array.from(text.toLowerCase(), (letter) => letter.codePointAt(0) ?? 0);
      feeds.code_points = { type: "int32", data: codes, dims: [codes.length] };
    }
    return feeds;
  }
}

const LONE_HALVES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * See headstart.data.text.clean.
 * @param {string} text
 */
function cleaned(text) {
  const lines = text.replaceAll("\0", "").replace(/\r\n?/g, "\n");
  return lines.replace(LONE_HALVES, "\ufffd").replace(/^\ufeff/, "");
}
