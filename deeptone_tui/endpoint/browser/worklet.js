// Runs on the browser's audio thread: samples at the hardware's rate in, blocks of 64 ms of 16-bit
// samples at 16 kHz out.

const RATE = 16000;
const BLOCK = 1024; // samples, 64 ms: one step of the endpoint
const ZERO_CROSSINGS = 24; // of the filter, to each side
const KAISER_BETA = 9; // about 90 dB of stop band
const PASS = 0.94; // of the band that 16 kHz can hold
const FINENESS = 256; // entries of the filter's table for each input sample
const FULL_SCALE = 32768;

/** Modified Bessel function of order zero, by its series. */
function bessel(x) {
  let sum = 1;
  for (let term = 1, k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** A windowed sinc at any ratio of rates, for a stream in pieces of any size. */
class Resampler {
  constructor(from) {
    this.ratio = from / RATE;
    const cutoff = PASS * Math.min(1, 1 / this.ratio);
    this.reach = Math.ceil(ZERO_CROSSINGS * Math.max(1, this.ratio));
    this.table = new Float32Array(this.reach * FINENESS + 2);
    for (let i = 0; i < this.table.length - 1; i++) {
      const x = i / FINENESS;
      const edge = Math.max(0, 1 - (x / this.reach) ** 2);
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * cutoff * x) / (Math.PI * cutoff * x);
      this.table[i] = (cutoff * sinc * bessel(KAISER_BETA * Math.sqrt(edge))) / bessel(KAISER_BETA);
    }
    this.held = new Float32Array(this.reach); // as if silence had gone before
    this.position = this.reach; // of the next output, in samples of what is held
  }

  feed(input) {
    if (this.ratio === 1) return input;
    const data = new Float32Array(this.held.length + input.length);
    data.set(this.held);
    data.set(input, this.held.length);
    const output = [];
    while (this.position + this.reach < data.length) {
      output.push(this.at(data, this.position));
      this.position += this.ratio;
    }
    const gone = Math.max(0, Math.floor(this.position) - this.reach);
    this.held = data.slice(gone);
    this.position -= gone;
    return output;
  }

  at(data, position) {
    let sum = 0;
    const last = Math.floor(position + this.reach);
    for (let n = Math.ceil(position - this.reach); n <= last; n++) {
      const place = Math.abs(position - n) * FINENESS;
      const low = Math.floor(place);
      const value = this.table[low] + (place - low) * (this.table[low + 1] - this.table[low]);
      sum += value * data[n];
    }
    return sum;
  }

  /** What the filter still holds. */
  finish() {
    return this.ratio === 1 ? [] : this.feed(new Float32Array(this.reach + 1));
  }
}

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate);
    this.block = new Int16Array(BLOCK);
    this.filled = 0;
    this.ended = false;
    this.port.onmessage = () => this.finish();
  }

  process([input]) {
    if (this.ended) return false;
    if (input.length > 0) this.take(this.resampler.feed(input[0]));
    return true;
  }

  take(samples) {
    for (const sample of samples) {
      const scaled = Math.round(sample * FULL_SCALE);
      this.block[this.filled++] = Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, scaled));
      if (this.filled === BLOCK) this.send();
    }
  }

  send() {
    const samples = this.block.slice(0, this.filled);
    this.filled = 0;
    this.port.postMessage(samples, [samples.buffer]);
  }

  finish() {
    this.ended = true;
    this.take(this.resampler.finish());
    if (this.filled > 0) this.send();
    this.port.postMessage(null);
  }
}

registerProcessor("capture", Capture);
