import { photo, pixels, sound, Texts } from "./inputs.js";

const at = (id) => document.getElementById(id);
const SHOWN = 3;
const model = await (await fetch("model.json")).json();
const worker = new Worker("worker.js", { type: "module" });
const waiting = new Map();
let asked = 0;

// Ask the model: feeds in, probabilities in the order of the classes out.
function ask(feeds) {
  const id = ++asked;
  const buffers = Object.values(feeds).map((feed) => feed.data.buffer);
  worker.postMessage({ id, feeds }, buffers);
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

const texts = model.reads === "text"
  ? new Texts(await (await fetch("tokenizers.json")).json(), model.inputs.some((input) => input.name === "code_points"))
  : null;

async function feedsOf(given) {
  if (model.reads === "image") return photo(given);
  if (model.reads === "audio") return sound(given, model.sounds);
  return texts.feeds(given);
}

async function likely(given) {
  return ask(await feedsOf(given));
}

function percent(share) {
  if (share >= 0.999) return ">99.9%";
  return share >= 0.0005 ? `${(100 * share).toFixed(1)}%` : "<0.1%";
}

function node(tag, text, kind) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

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

function fill(said, probabilities) {
  const order = probabilities.map((p, i) => [p, i]).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  const list = node("ul", "", "likely");
  for (const [share, index] of order.slice(0, SHOWN)) {
    const line = node("li");
    const bar = node("div", "", "bar");
    bar.style.width = `${100 * share}%`; // through the object model, which the policy allows
    line.append(bar, node("span", model.classes[index]), node("span", percent(share)));
    list.append(line);
  }
  said.lastChild.replaceWith(node("h2", model.classes[order[0][1]]), list);
  at("state").textContent = `${said.firstChild.textContent}: ${model.classes[order[0][1]]}, ${percent(order[0][0])}`;
}

async function show(name, feeds, picture) {
  const said = answer(name, picture);
  try {
    fill(said, await ask(await feeds));
  } catch (error) {
    said.lastChild.replaceWith(node("p", error.message, "wrong"));
    at("state").textContent = `${name}: ${error.message}`;
  }
}

function take(files) {
  for (const file of files) {
    show(file.name, feedsOf(file), model.reads === "image" ? URL.createObjectURL(file) : null);
  }
}

function dropping(zone, input) {
  input.addEventListener("change", () => { take(input.files); input.value = ""; });
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    take(event.dataTransfer.files);
  });
}

async function camera() {
  const video = at("video");
  if (video.srcObject) {
    video.srcObject.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  } else {
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      await video.play();
    } catch {
      at("state").textContent = "There is no camera here, or this page may not use it.";
    }
  }
  const on = Boolean(video.srcObject);
  video.hidden = at("shoot").hidden = !on;
  at("camera").textContent = on ? "Switch the camera off" : "Use the camera";
}

async function shoot() {
  const video = at("video");
  const canvas = node("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  show("From the camera", pixels(canvas, canvas.width, canvas.height), canvas.toDataURL("image/jpeg"));
}

let recorder = null;

async function record() {
  if (recorder) { recorder.stop(); return; }
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch {
    at("state").textContent = "There is no microphone here, or this page may not use it.";
    return;
  }
  const parts = [];
  recorder = new MediaRecorder(stream);
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.onstop = () => {
    stream.getTracks().forEach((track) => track.stop());
    recorder = null;
    recording(false);
    show("From the microphone", feedsOf(new Blob(parts)));
  };
  recorder.start();
  recording(true);
}

function recording(on) {
  at("record").textContent = on ? "Stop and name it" : "Record with the microphone";
  at("record").setAttribute("aria-pressed", String(on));
}

function introduce() {
  document.title = model.name;
  at("name").textContent = model.name;
  at("about").textContent = `Tells ${model.classes.length} classes of ${model.things} apart: ${model.classes.slice(0, 12).join(", ")}${model.classes.length > 12 ? ", …" : ""}.`;
  const { estimate, low, high } = model.accuracy ?? {};
  if (typeof estimate === "number") {
    at("worth").textContent = `Of 100 new ${model.things} like those it was trained on, expect ${Math.round(100 * low)} to ${Math.round(100 * high)} to get the right name.`;
  }
  at(model.reads).hidden = false;
}

worker.onmessage = ({ data }) => {
  if (data.ready) { at("state").textContent = "Ready."; document.body.dataset.ready = "yes"; return; }
  if (data.failed) { at("state").textContent = `The model could not be opened: ${data.failed}`; return; }
  const { resolve, reject } = waiting.get(data.id);
  waiting.delete(data.id);
  if (data.error) reject(new Error(data.error));
  else resolve(data.probabilities);
};
worker.onerror = () => { at("state").textContent = "The model could not be started in this browser."; };

introduce();
dropping(at("drop-image"), at("file-image"));
dropping(at("drop-audio"), at("file-audio"));
at("camera").addEventListener("click", camera);
at("shoot").addEventListener("click", shoot);
at("record").addEventListener("click", record);
at("name-it").addEventListener("click", () => show(at("words").value.slice(0, 200), Promise.resolve().then(() => feedsOf(at("words").value))));

// For programs: headstart.likely(file or text) gives the probabilities in the order of headstart.classes.
window.headstart = { likely, classes: model.classes, feedsOf };
