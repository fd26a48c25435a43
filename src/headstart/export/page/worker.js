// Runs the model beside the page, so that the page stays quick while it computes.
import * as ort from "./ort/ort.wasm.min.mjs";

const here = (name) => new URL(name, import.meta.url).href;
ort.env.wasm.numThreads = 1; // more would need headers that not every web server can send
ort.env.wasm.wasmPaths = {
  mjs: here("./ort/ort-wasm-simd-threaded.mjs"),
  wasm: here("./ort/ort-wasm-simd-threaded.wasm"),
};

let session;

async function open() {
  session = await ort.InferenceSession.create(here("./model.onnx"), { executionProviders: ["wasm"] });
}

async function run(feeds) {
  const tensors = {};
  for (const name of session.inputNames) {
    const { type, data, dims } = feeds[name];
    tensors[name] = new ort.Tensor(type, data, dims);
  }
  const found = await session.run(tensors, ["probabilities"]);
  return Array.from(found.probabilities.data);
}

const opened = open();
let last = opened.then(() => postMessage({ ready: true }), (error) => postMessage({ failed: String(error) }));

onmessage = ({ data: { id, feeds } }) => {
  last = last.then(async () => { // one after the other: a session runs one input at a time
    try {
      await opened;
      postMessage({ id, probabilities: await run(feeds) });
    } catch (error) {
      postMessage({ id, error: String(error.message ?? error) });
    }
  });
};
