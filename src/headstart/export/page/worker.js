// Runs the model beside the page, so that the page stays quick while it computes.
import * as ort from "./ort/ort.wasm.min.mjs";

/** @param {string} name */
const here = (name) => new URL(name, import.meta.url).href;
ort.env.wasm.numThreads = 1; // more would need headers that not every web server can send
ort.env.wasm.wasmPaths = {
  mjs: here("./ort/ort-wasm-simd-threaded.mjs"),
  wasm: here("./ort/ort-wasm-simd-threaded.wasm"),
};

const opened = ort.InferenceSession.create(here("./model.onnx"), { executionProviders: ["wasm"] });

/**
 * @param {Exported.Feeds} feeds
 * @returns {Promise<Exported.Outputs>}
 */
async function run(feeds) {
  const session = await opened;
  /** @type {Record<string, ort.Tensor>} */
  const tensors = {};
  for (const name of session.inputNames) {
    const { type, data, dims } = feeds[name];
    tensors[name] = new ort.Tensor(type, data, dims);
  }
  const outputs = await session.run(tensors);
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { data }]) => [name, Array.from(data, Number)]),
  );
}

/**
 * @param {number} id
 * @param {Exported.Feeds} feeds
 */
async function answer(id, feeds) {
  try {
    postMessage({ id, outputs: await run(feeds) });
  } catch (error) {
    postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

/** @type {Promise<void>} */
let last = opened.then(
  () => postMessage({ ready: true }),
  (error) => postMessage({ failed: String(error) }),
);

onmessage = ({ data: { id, feeds } }) => {
  last = last.then(() => answer(id, feeds)); // one after the other: a session runs one input at a time
};
