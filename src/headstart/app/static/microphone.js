// The microphone as blocks of 16-bit samples, and WAV files made of them.

const HEADER = 44;

/** Listen until the answered function is called; `heard` gets samples, their peak and the rate. */
export async function openMicrophone(heard) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: true } });
  const context = new AudioContext();
  try {
    await context.audioWorklet.addModule(new URL("wav-worklet.js", import.meta.url));
    const node = new AudioWorkletNode(context, "headstart-listener", { numberOfOutputs: 1 });
    node.port.onmessage = ({ data }) => heard(data.samples, data.peak, context.sampleRate);
    const quiet = new GainNode(context, { gain: 0 });
    context.createMediaStreamSource(stream).connect(node).connect(quiet).connect(context.destination);
    await context.resume();
  } catch (error) {
    for (const track of stream.getTracks()) track.stop();
    await context.close();
    throw error;
  }
  return () => { for (const track of stream.getTracks()) track.stop(); return context.close(); };
}

/** One WAV file (RIFF, 16 bit, mono) of blocks of samples. */
export function wav(blocks, rate) {
  const length = blocks.reduce((sum, block) => sum + block.length, 0);
  const bytes = new DataView(new ArrayBuffer(HEADER + 2 * length));
  const write = (at, text) => [...text].forEach((sign, place) => bytes.setUint8(at + place, sign.charCodeAt(0)));
  write(0, "RIFF"); bytes.setUint32(4, HEADER - 8 + 2 * length, true); write(8, "WAVEfmt ");
  bytes.setUint32(16, 16, true); bytes.setUint16(20, 1, true); bytes.setUint16(22, 1, true);
  bytes.setUint32(24, rate, true); bytes.setUint32(28, 2 * rate, true); bytes.setUint16(32, 2, true); bytes.setUint16(34, 16, true);
  write(36, "data"); bytes.setUint32(40, 2 * length, true);
  let at = HEADER;
  for (const block of blocks) for (const value of block) { bytes.setInt16(at, value, true); at += 2; }
  return new Blob([bytes.buffer], { type: "audio/wav" });
}

/** Join blocks and cut them into pieces of so many samples; a rest shorter than half a piece is dropped. */
export function pieces(blocks, size) {
  const length = blocks.reduce((sum, block) => sum + block.length, 0);
  const all = new Int16Array(length);
  let at = 0;
  for (const block of blocks) { all.set(block, at); at += block.length; }
  if (!size || length <= size) return length ? [all] : [];
  const found = [];
  for (let from = 0; from + size / 2 <= length; from += size) found.push(all.subarray(from, Math.min(from + size, length)));
  return found;
}
