import { fill } from "./answers.js";
import { judge } from "./defects.js";
import { at, node, tell } from "./elements.js";
import { photo, pixels, sound, Texts } from "./inputs.js";

const NAMED = 12;
/** What is told with the names of what is learned. */
const LISTED = ["classes", "tags"];

/** @type {Exported.Model} */
const model = await (await fetch("model.json")).json();
const worker = new Worker("worker.js", { type: "module" });
/** @type {Map<number, { resolve: (outputs: Exported.Outputs) => void, reject: (error: Error) => void }>} */
const waiting = new Map();
let asked = 0;

/**
 * Ask the model: feeds in, what it gives out by name: in the order of the classes, tags or numbers.
 * @param {Exported.Feeds} feeds
 * @returns {Promise<Exported.Outputs>}
 */
function ask(feeds) {
  asked += 1;
  const id = asked;
  const buffers = /** @type {ArrayBuffer[]} */ (Object.values(feeds).map((feed) => feed.data.buffer));
  worker.postMessage({ id, feeds }, buffers);
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

const texts = model.reads === "text" ? await readTexts() : null;

async function readTexts() {
  const countsWords = model.inputs.some((input) => input.name === "code_points");
  return new Texts(await (await fetch("tokenizers.json")).json(), countsWords);
}

/**
 * @param {any} given a file, or a text
 * @returns {Promise<Exported.Feeds>}
 */
async function feedsOf(given) {
  if (texts) return texts.feeds(given);
  return model.reads === "image" ? photo(given) : sound(given, model.sounds);
}

/** @param {any} given a file, or a text */
const outputsOf = async (given) => ask(await feedsOf(given));

/** @param {any} given a file, or a text */
async function likely(given) {
  const { probabilities, values } = await outputsOf(given);
  return probabilities ?? values ?? [];
}

/**
 * Make the place for an answer.
 * @param {string} name
 * @param {string} [picture]
 */
function answer(name, picture) {
  const item = node("li");
  if (picture) {
    const shown = node("img");
    shown.src = picture;
    shown.alt = "";
    item.append(shown);
  }
  const said = node("div", "", "said");
  said.append(node("p", name, "of"), node("p", "Working…"));
  item.append(said);
  at("answers").prepend(item);
  return said;
}

/**
 * @param {string} name
 * @param {Promise<Exported.Feeds>} feeds
 * @param {string} [picture]
 */
async function show(name, feeds, picture) {
  const place = answer(name, picture);
  try {
    const outputs = await ask(await feeds);
    if (model.target === "defects") await judge(place, name, outputs, model.threshold, picture);
    else tell(fill(place, name, model.classes, outputs));
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    place.lastChild?.replaceWith(node("p", words, "wrong"));
    tell(`${name}: ${words}`);
  }
}

/** @param {FileList | null | undefined} files */
function take(files) {
  for (const file of files ?? []) {
    const picture = model.reads === "image" ? URL.createObjectURL(file) : undefined;
    show(file.name, feedsOf(file), picture);
  }
}

/**
 * @param {HTMLElement} zone
 * @param {HTMLInputElement} input
 */
function dropping(zone, input) {
  input.addEventListener("change", () => {
    take(input.files);
    input.value = "";
  });
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    take(event.dataTransfer?.files);
  });
}

/** @param {MediaStream} stream */
function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}

const video = at("video", HTMLVideoElement);

async function camera() {
  if (video.srcObject instanceof MediaStream) {
    stop(video.srcObject);
    video.srcObject = null;
  } else {
    try {
      const wanted = { video: { facingMode: "environment" } };
      video.srcObject = await navigator.mediaDevices.getUserMedia(wanted);
      await video.play();
    } catch {
      tell("There is no camera here, or this page may not use it.");
    }
  }
  const isOn = Boolean(video.srcObject);
  video.hidden = at("shoot").hidden = !isOn;
  at("camera").textContent = isOn ? "Switch the camera off" : "Use the camera";
}

function shoot() {
  const canvas = node("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  const feeds = Promise.resolve(pixels(canvas, canvas.width, canvas.height));
  show("From the camera", feeds, canvas.toDataURL("image/jpeg"));
}

/** @type {MediaRecorder | null} */
let recorder = null;

async function record() {
  if (recorder) {
    recorder.stop();
    return;
  }
  try {
    recorder = recorderOf(await navigator.mediaDevices.getUserMedia({ audio: true }));
  } catch {
    tell("There is no microphone here, or this page may not use it.");
    return;
  }
  recorder.start();
  recording(true);
}

/**
 * What records, and shows the answer when it is stopped.
 * @param {MediaStream} stream
 */
function recorderOf(stream) {
  /** @type {Blob[]} */
  const parts = [];
  const device = new MediaRecorder(stream);
  device.ondataavailable = (event) => parts.push(event.data);
  device.onstop = () => {
    stop(stream);
    recorder = null;
    recording(false);
    show("From the microphone", feedsOf(new Blob(parts)));
  };
  return device;
}

/** @param {boolean} isOn */
function recording(isOn) {
  at("record").textContent = isOn ? "Stop and name it" : "Record with the microphone";
  at("record").setAttribute("aria-pressed", String(isOn));
}

function nameText() {
  const text = at("words", HTMLTextAreaElement).value;
  show(text.slice(0, 200), feedsOf(text));
}

function introduce() {
  const { name, things, classes, learned } = model;
  document.title = name;
  at("name").textContent = name;
  const listed = `${classes.slice(0, NAMED).join(", ")}${classes.length > NAMED ? ", …" : ""}`;
  const tells = learned ? `It ${learned}` : `Tells ${classes.length} classes of ${things} apart`;
  at("about").textContent = LISTED.includes(model.shows) ? `${tells}: ${listed}.` : `${tells}.`;
  at("worth").textContent = worthWords();
  at(model.reads).hidden = false;
}

/** How much the answers are worth, where it was measured. */
function worthWords() {
  const { accuracy, things, worth } = model;
  if (worth) return worth;
  if (!accuracy || typeof accuracy.estimate !== "number") return "";
  const [low, high] = [Math.round(100 * accuracy.low), Math.round(100 * accuracy.high)];
  return (
    `Of 100 new ${things} like those it was trained on, ` + `expect ${low} to ${high} to get the right name.`
  );
}

/** @param {Exported.Answer} news */
function hear({ ready, failed, id, error, outputs }) {
  if (ready) {
    tell("Ready.");
    document.body.dataset.ready = "yes";
    return;
  }
  if (failed) {
    tell(`The model could not be opened: ${failed}`);
    return;
  }
  const asker = waiting.get(id);
  waiting.delete(id);
  if (error) asker?.reject(new Error(error));
  else asker?.resolve(outputs);
}

worker.addEventListener("message", (event) => hear(event.data));
worker.addEventListener("error", () => tell("The model could not be started in this browser."));

introduce();
dropping(at("drop-image"), at("file-image", HTMLInputElement));
dropping(at("drop-audio"), at("file-audio", HTMLInputElement));
at("camera").addEventListener("click", camera);
at("shoot").addEventListener("click", shoot);
at("record").addEventListener("click", record);
at("name-it").addEventListener("click", nameText);

// For programs: headstart.likely(file or text) gives probabilities, or numbers, in the order of
// headstart.classes; headstart.outputsOf(file or text) all that the graph gives, by name.
window.headstart = { likely, outputsOf, classes: model.classes, feedsOf };
