// What the scripts use and TypeScript's own description of browsers lacks.

declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
  abstract process(inputs: Float32Array[][]): boolean;
}

declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

/** The runtime of exported pages: the part of onnxruntime-web that they use. */
declare module "*/ort.wasm.min.mjs" {
  export const env: { wasm: { numThreads: number; wasmPaths: { mjs: string; wasm: string } } };

  export class Tensor {
    constructor(type: string, data: ArrayBufferView, dims: number[]);
    readonly data: Iterable<number>;
  }

  export class InferenceSession {
    static create(address: string, options: { executionProviders: string[] }): Promise<InferenceSession>;
    readonly inputNames: string[];
    readonly outputNames: string[];
    run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>>;
  }
}

/** An exported page, its model and its worker. */
declare namespace Exported {
  interface Feed {
    type: "uint8" | "float32" | "int32" | "int64";
    data: Uint8Array | Float32Array | Int32Array | BigInt64Array;
    dims: number[];
  }

  type Feeds = Record<string, Feed>;

  /** What the graph gives, by name. */
  type Outputs = Record<string, number[]>;

  interface SoundInput {
    name: string;
    rate: number;
    seconds: number;
  }

  interface Model {
    name: string;
    reads: "image" | "audio" | "text";
    things: string;
    target: string;
    /** Of a model that finds defects: the score from which a photo is called one, and what to expect. */
    threshold: number;
    classes: string[];
    inputs: { name: string }[];
    sounds: SoundInput[];
    accuracy?: { estimate?: number | null; low: number; high: number } | null;
    shows: string;
    learned?: string;
    worth?: string;
  }

  /** A text's tokenizer as its file says it, with the number of the token that stands for an empty text. */
  interface TextInput {
    tokenizer: any;
    pad: number;
  }

  /** What the worker answers: that it is ready or is not, or what the graph gives or the error of one question. */
  interface Answer {
    ready?: boolean;
    failed?: string;
    id: number;
    error?: string;
    outputs: Outputs;
  }

  /** What a model says of an input: outputs of its graph, in the order of the classes, tags or numbers. */
  interface Said {
    probabilities?: number[];
    tags?: number[];
    values?: number[];
    low?: number[];
    high?: number[];
  }
}

interface Window {
  /** For programs: see the end of an exported page's own script. */
  headstart: {
    likely: (given: any) => Promise<number[]>;
    outputsOf: (given: any) => Promise<Exported.Outputs>;
    classes: string[];
    feedsOf: (given: any) => Promise<Exported.Feeds>;
  };
}
