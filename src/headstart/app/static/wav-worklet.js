// Runs beside the page, on the audio thread: gathers what the microphone hears, as mono samples, and hands it
// over in blocks of 16-bit numbers, ready to become a WAV file.

const BLOCK = 2048;

class Listener extends AudioWorkletProcessor {
  block = new Int16Array(BLOCK);
  filled = 0;
  peak = 0;

  /**
   * @param {Float32Array[][]} inputs
   * @override
   */
  process(inputs) {
    const channels = inputs[0];
    if (!channels.length) return true;
    for (let at = 0; at < channels[0].length; at += 1) {
      let sum = 0;
      for (const channel of channels) sum += channel[at];
      this.add(Math.max(-1, Math.min(1, sum / channels.length)));
    }
    return true;
  }

  /** @param {number} value */
  add(value) {
    this.peak = Math.max(this.peak, Math.abs(value));
    this.block[this.filled] = Math.round(value * (value < 0 ? 32768 : 32767));
    this.filled += 1;
    if (this.filled === BLOCK) this.send();
  }

  send() {
    const { block, peak } = this;
    this.port.postMessage({ samples: block, peak }, [block.buffer]);
    this.block = new Int16Array(BLOCK);
    this.filled = 0;
    this.peak = 0;
  }
}

registerProcessor("headstart-listener", Listener);
