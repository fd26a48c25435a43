// The microphone as blocks of 16-bit samples, and WAV files made of them.

const HEADER = 44;
const AUDIO = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: true };

/** @typedef {(samples: Int16Array<ArrayBuffer>, peak: number, rate: number) => unknown} Heard */

/**
 * Listen until the answered function is called; `heard` gets samples, their peak and the rate.
 * @param {Heard} heard
 */
export async function openMicrophone(heard) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: AUDIO });
  const context = new AudioContext();
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
    return context.close();
  };
  try {
    await context.audioWorklet.addModule(new URL("wav-worklet.js", import.meta.url));
    const node = new AudioWorkletNode(context, "headstart-listener", { numberOfOutputs: 1 });
    node.port.onmessage = ({ data }) => heard(data.samples, data.peak, context.sampleRate);
    const quiet = new GainNode(context, { gain: 0 });
    context.createMediaStreamSource(stream).connect(node).connect(quiet).connect(context.destination);
    await context.resume();
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/** @param {Int16Array[]} blocks */
const lengthOf = (blocks) => blocks.reduce((sum, block) => sum + block.length, 0);

/**
 * One WAV file (RIFF, 16 bit, mono) of blocks of samples.
 * @param {Int16Array[]} blocks
 * @param {number} rate
 */
export function wav(blocks, rate) {
  const size = 2 * lengthOf(blocks);
  const bytes = new DataView(new ArrayBuffer(HEADER + size));
  let at = 0;
  /** @param {string} text */
  const name = (text) => {
    for (const letter of text) {
      bytes.setUint8(at, letter.charCodeAt(0));
      at += 1;
    }
  };
  /** @param {...number} values */
  const shorts = (...values) => {
    for (const value of values) {
      bytes.setInt16(at, value, true);
      at += 2;
    }
  };
  /** @param {...number} values */
  const longs = (...values) => {
    for (const value of values) {
      bytes.setUint32(at, value, true);
      at += 4;
    }
  };
  name("RIFF");
  longs(HEADER - 8 + size);
  name("WAVEfmt ");
  longs(16);
  shorts(1, 1);
  longs(rate, 2 * rate);
  shorts(2, 16);
  name("data");
  longs(size);
  for (const block of blocks) {
    for (const value of block) {
      bytes.setInt16(at, value, true);
      at += 2;
    }
  }
  return new Blob([bytes.buffer], { type: "audio/wav" });
}

/**
 * Join blocks and cut them into pieces of so many samples; a rest shorter than half a piece is dropped.
 * @param {Int16Array[]} blocks
 * @param {number} size
 */
export function pieces(blocks, size) {
  const length = lengthOf(blocks);
  const all = new Int16Array(length);
  let at = 0;
  for (const block of blocks) {
    all.set(block, at);
    at += block.length;
  }
  if (!size || length <= size) return length ? [all] : [];
  const parts = [];
  for (let from = 0; from + size / 2 <= length; from += size) {
    parts.push(all.subarray(from, Math.min(from + size, length)));
  }
  return parts;
}
