"use strict";
// The page: microphone to worklet, worklet to websocket, results to the eye. Nothing is stored.

const RATE = 16000;
const STEP = 1024; // samples, 64 ms
const STEP_MS = 64;
const MINUTE = 60000 / STEP_MS; // steps
const ROWS = 500; // of the log
const FLOOR = -90; // dBFS, left end of the meter
const BEHIND = 2; // seconds unsent before it is said
const TOO_FAR = 60; // seconds unsent before the stream is given up
const PEAK_HOLD = 16; // steps, about a second
const PEAK_FALL = 0.75; // dB a step: 20 dB in 1.7 s

const facts = JSON.parse(document.getElementById("facts").textContent);
const $$ = (id) => document.getElementById(id);
const decibels = (level) => (level > 0 ? Math.max(-999, 20 * Math.log10(level)) : -Infinity);
const minus = (text) => text.replace("-", "−");
const inDecibels = (value) => (value === -Infinity ? "−∞ dBFS" : `${minus(value.toFixed(1))} dBFS`);
const inBoth = (level) => `${level.toFixed(4)}  ${inDecibels(decibels(level))}`;
const place = (db) => Math.max(0, Math.min(1, 1 - db / FLOOR));

/** mm:ss.t of milliseconds. */
function clock(ms) {
  const tenths = Math.floor(ms / 100);
  const minutes = Math.floor(tenths / 600);
  const seconds = ((tenths % 600) / 10).toFixed(1);
  return `${String(minutes).padStart(2, "0")}:${seconds.padStart(4, "0")}`;
}

/** RMS of a block, full scale 1: what the endpoint gates with. */
function levelOf(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / samples.length) / 32768;
}

/**
 * How many whole periods are silence at a threshold, which they are when all their steps are under it.
 * The levels are those of the steps from the first on; each connection begins periods anew.
 */
function silenceAt(levels, first, begins, size, threshold) {
  let silent = 0;
  let whole = 0;
  begins.forEach((begin, n) => {
    const end = Math.min(begins[n + 1] ?? Infinity, first + levels.length);
    for (let at = begin; at + size <= end; at += size) {
      if (at < first) continue;
      whole += 1;
      if (levels.slice(at - first, at - first + size).every((level) => level < threshold)) silent += 1;
    }
  });
  return { silent, whole };
}

function say(state, words) {
  $$("state").dataset.state = state;
  if ($$("state").lastChild.textContent !== words) $$("state").lastChild.textContent = words;
}

// ---- one connection -----------------------------------------------------------------------------

/** A stream from its first sample to its last result. */
class Connection {
  constructor(settings, base, on) {
    this.base = base; // ms of the audio that went before
    this.sent = 0; // samples
    this.announced = false; // that an empty message ends the audio
    this.error = "";
    const query = new URLSearchParams({ output_period: settings.period, volume_threshold: settings.threshold });
    if (settings.key) query.set("api_key", settings.key);
    const models = settings.models.map(encodeURIComponent).join(",");
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new WebSocket(`${scheme}://${location.host}/stream?models=${models}&${query}`);
    this.socket.onopen = () => on.opened(this);
    this.socket.onmessage = ({ data }) => this.hear(JSON.parse(data), on);
    this.socket.onclose = ({ code, reason }) => on.closed(this, code, this.error || reason);
  }

  hear(message, on) {
    if (message.message_type === "results") {
      for (const step of Object.values(message.results.channels)) on.result(this.base + step.timestamp, step);
    } else if (message.message_type === "connection") {
      this.announced = message.end_of_audio === true;
    } else if (typeof message.message === "string") {
      this.error = message.message;
    }
  }

  get open() {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** Seconds of audio that the network has not taken yet. */
  get behind() {
    return this.socket.bufferedAmount / 2 / RATE;
  }

  send(samples) {
    if (!this.open) return;
    this.socket.send(samples);
    this.sent += samples.length;
  }

  end() {
    if (this.open && this.announced) this.socket.send(new ArrayBuffer(0));
    else this.socket.close(1000);
  }
}

// ---- the session --------------------------------------------------------------------------------

let session = null;

function settingsNow() {
  return {
    device: $$("device").value,
    period: $$("period").value,
    models: [...document.querySelectorAll("fieldset input:checked")].map((box) => box.value),
    threshold,
    key: $$("key").value,
  };
}

async function start() {
  const settings = settingsNow();
  if (settings.models.length === 0) return say("failed", "Choose at least one model");
  if (!navigator.mediaDevices) return say("failed", "Browsers give a microphone only to https and to localhost");
  running(true);
  say("waiting", "Waiting for the microphone");
  session = { settings, elapsed: 0, connection: null, next: null, media: null, audio: null, stopping: false };
  clearView(settings.models, settings.period);
  try {
    await openMicrophone(session);
  } catch (error) {
    return fail(microphoneWords(error));
  }
  say("waiting", "Connecting");
  session.connection = connect(session, 0);
}

async function openMicrophone(own) {
  const chosen = own.settings.device ? { deviceId: { exact: own.settings.device } } : {};
  // What a browser does to please the ear would move the level that is measured here.
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 };
  own.media = await navigator.mediaDevices.getUserMedia({ audio: { ...chosen, ...plain } });
  own.audio = new AudioContext();
  await own.audio.audioWorklet.addModule("worklet.js");
  own.media.getAudioTracks()[0].onended = () => fail("The microphone is gone");
  listDevices();
}

function listen(own) {
  own.node = new AudioWorkletNode(own.audio, "capture", { channelCount: 1, channelCountMode: "explicit", numberOfOutputs: 0 });
  own.node.port.onmessage = ({ data }) => (data === null ? ended(own) : take(own, data));
  own.audio.createMediaStreamSource(own.media).connect(own.node);
  own.audio.resume();
}

function connect(own, base) {
  return new Connection(own.settings, base, {
    opened(connection) {
      if (connection === own.next) return;
      say("streaming", "Listening");
      listen(own);
    },
    result: (ms, step) => showResult(ms, step, own.settings.period),
    closed: (connection, code, words) => closed(own, connection, code, words),
  });
}

/** A block of 64 ms, or less at the end. */
function take(own, samples) {
  if (own.next !== null && own.next.open) changeOver(own);
  own.connection.send(samples);
  if (samples.length === STEP) showLevel(levelOf(samples));
  own.elapsed += samples.length;
  $$("clock").textContent = clock((own.elapsed / RATE) * 1000);
  const behind = own.connection.behind;
  if (behind > TOO_FAR) fail(`The network takes no audio: ${Math.round(behind)} s wait`);
  else if (!own.stopping) say("streaming", behind > BEHIND ? `Listening, ${Math.round(behind)} s behind` : "Listening");
}

/** The new connection takes over at a block; the old one still sends what it owes. */
function changeOver(own) {
  own.connection.end();
  own.connection = own.next;
  own.next = null;
  own.connection.base = (own.elapsed / RATE) * 1000;
  begins.push(stepsHeard);
  note(own.connection.base, `threshold ${inBoth(own.settings.threshold)}`);
}

function stop() {
  if (session === null || session.stopping) return;
  session.stopping = true;
  $$("stop").disabled = true;
  if (!session.node) return finish("idle", "Not listening");
  say("waiting", "Waiting for the last results");
  session.node.port.postMessage("end");
}

function ended(own) {
  release(own);
  own.connection.end();
}

function closed(own, connection, code, words) {
  if (own !== session || connection !== own.connection) {
    if (own !== session || own.next !== connection) return;
    own.next = null;
    note((own.elapsed / RATE) * 1000, `the threshold stays as it was: ${words || "no connection"}`);
    return;
  }
  if (own.stopping && code === 1000) return finish("idle", "Not listening");
  const refused = facts.key_needed ? "The endpoint refused the connection: is the key right?" : "The endpoint cannot be reached";
  fail(words || (own.elapsed === 0 ? refused : `The connection was lost (${code})`));
}

function fail(words) {
  if (session !== null) finish("failed", words);
}

function finish(state, words) {
  release(session);
  for (const connection of [session.connection, session.next]) connection?.socket.close();
  session = null;
  running(false);
  say(state, words);
}

function release(own) {
  own.media?.getTracks().forEach((track) => { track.onended = null; track.stop(); });
  own.audio?.close().catch(() => {});
  own.media = own.audio = null;
}

function microphoneWords(error) {
  const words = {
    NotAllowedError: "The microphone was not allowed: change that beside the address of this page",
    NotFoundError: "There is no microphone",
    NotReadableError: "The microphone is in use by another program",
    OverconstrainedError: "That microphone is not there any more",
  };
  return words[error.name] ?? `The microphone cannot be opened: ${error.message}`;
}

function running(on) {
  for (const id of ["device", "period", "key", "start"]) $$(id).disabled = on;
  for (const box of document.querySelectorAll("fieldset input")) box.disabled = on;
  $$("stop").disabled = !on;
  (on ? $$("stop") : $$("start")).focus();
}

async function listDevices() {
  const inputs = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "audioinput");
  const chosen = $$("device").value;
  const named = inputs.filter((one) => one.label && one.deviceId !== "default");
  $$("device").replaceChildren(new Option("The default one", ""), ...named.map((one) => new Option(one.label, one.deviceId)));
  $$("device").value = named.some((one) => one.deviceId === chosen) ? chosen : "";
}

// ---- level and threshold ------------------------------------------------------------------------

let levels = []; // of the steps of the last minute
let stepsHeard = 0; // since the start
let begins = [0]; // steps at which connections began
let periods = []; // {start, end, results} in ms
let peak = { db: -Infinity, age: 0 };

let threshold = facts.volume_threshold; // exact; the slider is rounded to a tenth of a decibel

function moveThreshold() {
  const db = Number($$("threshold").value);
  threshold = db <= FLOOR ? 0 : Number((10 ** (db / 20)).toPrecision(4));
  showThreshold();
}

function showThreshold() {
  const words = inBoth(threshold);
  $$("threshold-text").textContent = words;
  $$("threshold").setAttribute("aria-valuetext", words);
  $$("mark").style.left = `${100 * place(Number($$("threshold").value))}%`;
  showSilence();
  draw();
}

/** What the threshold under the hand would make silence of the last minute. */
function showSilence() {
  const first = stepsHeard - levels.length;
  begins = begins.filter((begin, n) => n === begins.length - 1 || begins[n + 1] > first);
  const { silent, whole } = silenceAt(levels, first, begins, shownPeriod / STEP_MS, threshold);
  $$("silence").textContent = whole === 0 ? "" : `${silent} of ${whole} periods are silence`;
}

function applyThreshold() {
  if (session === null || session.stopping) return;
  session.settings = { ...session.settings, threshold };
  session.next?.socket.close();
  if (session.connection) session.next = connect(session, 0);
}

function showLevel(level) {
  const db = decibels(level);
  const silent = level < threshold;
  peak = db >= peak.db ? { db, age: 0 } : { db: peak.age >= PEAK_HOLD ? peak.db - PEAK_FALL : peak.db, age: peak.age + 1 };
  $$("level").textContent = inBoth(level);
  $$("bar").style.clipPath = `inset(0 ${100 * (1 - place(db))}% 0 0)`;
  $$("bar").classList.toggle("silent", silent);
  $$("peak").style.left = `calc(${100 * place(peak.db)}% - 2px)`;
  const words = level === 0 ? "Digital zero: is it muted?" : silent ? "Under the threshold: silence" : "Above the threshold";
  if ($$("verdict").textContent !== words) $$("verdict").textContent = words;
  tell(words);
  levels.push(level);
  stepsHeard += 1;
  if (levels.length > MINUTE) levels.shift();
  showSilence();
  draw();
}

let steady = { words: "", steps: 0 };

/** Tell a screen reader what has lasted for a second; what flickers would never let it speak. */
function tell(words) {
  steady = words === steady.words ? { words, steps: steady.steps + 1 } : { words, steps: 0 };
  if (steady.steps === PEAK_HOLD && $$("told").textContent !== words) $$("told").textContent = words;
}

// ---- timeline -----------------------------------------------------------------------------------

const QUIET = new Set(["silence", "no_speech", "unknown", null, undefined]);
const COLOURS = ["--c0", "--c1", "--c2", "--c3", "--c4"];
let colourOf = new Map();
let planned = false;

function colour(result) {
  if (QUIET.has(result)) return "--quiet";
  if (!colourOf.has(result)) {
    colourOf.set(result, COLOURS[colourOf.size % COLOURS.length]);
    const item = document.createElement("li");
    const swatch = document.createElement("i");
    swatch.style.background = `var(${colourOf.get(result)})`;
    item.append(swatch, result);
    $$("legend").append(item);
  }
  return colourOf.get(result);
}

function draw() {
  if (planned) return;
  planned = true;
  requestAnimationFrame(() => { planned = false; paint(); });
}

function paint() {
  const canvas = $$("timeline");
  const scale = devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * scale)) { canvas.width = Math.round(width * scale); canvas.height = Math.round(height * scale); }
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  const ink = (name) => style.getPropertyValue(name).trim();
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  const models = session?.settings.models ?? shownModels;
  const strip = 16;
  const top = height - Math.max(1, models.length) * (strip + 4) - 4;
  const now = shownElapsed();
  const x = (ms) => width * (1 - (now - ms) / 60000);
  levels.forEach((level, n) => {
    const left = x(now - (levels.length - n) * STEP_MS);
    const tall = top * place(decibels(level));
    pen.fillStyle = ink(level < threshold ? "--quiet" : "--primary");
    pen.fillRect(left, top - tall, Math.max(1, (width / MINUTE) * 0.8), tall);
  });
  pen.fillStyle = ink("--mark");
  pen.fillRect(0, top - top * place(decibels(threshold)), width, 1);
  models.forEach((model, row) => {
    const y = top + 6 + row * (strip + 4);
    pen.fillStyle = ink("--background");
    pen.fillRect(0, y, width, strip);
    for (const period of periods) {
      const result = period.results[model]?.result;
      const left = x(period.start);
      const wide = Math.max(1, x(period.end) - left - 1);
      pen.fillStyle = ink(colour(result));
      if (QUIET.has(result)) pen.fillRect(left, y + strip / 2 - 1, wide, 2);
      else pen.fillRect(left, y, wide, strip);
    }
    pen.font = "11px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
    const label = pen.measureText(model).width;
    pen.fillStyle = ink("--surface");
    pen.fillRect(0, y, label + 8, strip);
    pen.fillStyle = ink("--muted");
    pen.fillText(model, 0, y + 12);
  });
}

let shownModels = [];
let shownPeriod = 1024; // ms
let lastElapsed = 0;

function shownElapsed() {
  if (session !== null) lastElapsed = (session.elapsed / RATE) * 1000;
  return lastElapsed;
}

// ---- log ----------------------------------------------------------------------------------------

let received = 0;

function clearView(models, period) {
  shownModels = models;
  shownPeriod = Number(period);
  levels = [];
  stepsHeard = 0;
  begins = [0];
  periods = [];
  peak = { db: -Infinity, age: 0 };
  received = lastElapsed = 0;
  colourOf = new Map();
  $$("legend").replaceChildren();
  $$("log").replaceChildren();
  $$("empty").hidden = false;
  $$("count").textContent = $$("silence").textContent = "";
  const heads = ["Time", ...models].map((name) => {
    const head = document.createElement("th");
    head.scope = "col";
    head.textContent = name;
    return head;
  });
  $$("heads").replaceChildren(...heads);
}

function showResult(ms, step, period) {
  const row = document.createElement("tr");
  row.dataset.ms = ms;
  row.append(cell(clock(ms)), ...shownModels.map((model) => answerCell(model, step.results[model])));
  add(row);
  received += 1;
  periods.push({ start: ms, end: ms + Number(period), results: step.results });
  if (periods.length > MINUTE) periods.shift();
  $$("count").textContent = `${received} so far`;
  draw();
}

function answerCell(model, answer) {
  const made = cell("");
  if (answer === undefined) return made;
  made.dataset.model = model;
  made.dataset.result = answer.result ?? "";
  made.dataset.confidence = answer.confidence ?? "";
  const name = document.createElement("b");
  name.textContent = answer.result ?? "–";
  made.append(name, answer.confidence?.toFixed(2) ?? "");
  const meter = document.createElement("meter");
  meter.value = answer.confidence ?? 0;
  meter.setAttribute("aria-hidden", "true");
  made.append(meter);
  return made;
}

function note(ms, words) {
  const row = document.createElement("tr");
  row.className = "note";
  const told = cell(words);
  told.colSpan = shownModels.length;
  row.append(cell(clock(ms)), told);
  add(row);
}

function cell(text) {
  const made = document.createElement("td");
  made.textContent = text;
  return made;
}

function add(row) {
  $$("empty").hidden = true;
  $$("log").prepend(row);
  if ($$("log").children.length > ROWS) $$("log").lastChild.remove();
}

// ---- beginning ----------------------------------------------------------------------------------

$$("key-field").hidden = !facts.key_needed;
$$("settings").addEventListener("submit", (event) => { event.preventDefault(); start(); });
$$("stop").addEventListener("click", stop);
$$("threshold").addEventListener("input", moveThreshold);
$$("threshold").addEventListener("change", applyThreshold);
navigator.mediaDevices?.addEventListener("devicechange", listDevices);
navigator.mediaDevices?.enumerateDevices && listDevices();
addEventListener("resize", draw);
matchMedia("(prefers-color-scheme: light)").addEventListener("change", draw);
showThreshold();
