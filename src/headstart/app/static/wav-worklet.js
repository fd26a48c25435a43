// Runs beside the page, on the audio thread: gathers what the microphone hears, as mono samples, and hands it over
// in blocks of 16-bit numbers, ready to become a WAV file.

const BLOCK = 2048;

class Listener extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Int16Array(BLOCK);
    this.filled = 0;
    this.peak = 0;
  }

  process(inputs) {
    const channels = inputs[0];
    if (!channels.length) return true;
    const length = channels[0].length;
    for (let at = 0; at < length; at += 1) {
      let sum = 0;
      for (const channel of channels) sum += channel[at];
      const value = Math.max(-1, Math.min(1, sum / channels.length));
      this.peak = Math.max(this.peak, Math.abs(value));
      this.block[this.filled] = Math.round(value * (value < 0 ? 32768 : 32767));
      this.filled += 1;
      if (this.filled === BLOCK) {
        const full = this.block;
        this.port.postMessage({ samples: full, peak: this.peak }, [full.buffer]);
        this.block = new Int16Array(BLOCK);
        this.filled = 0;
        this.peak = 0;
      }
    }
    return true;
  }
}

registerProcessor("headstart-listener", Listener);
