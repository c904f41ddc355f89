// What the page uses of ONNX Runtime Web, for `tsc`.

export const env: { wasm: { numThreads: number; wasmPaths: { wasm: string } } };

export class Tensor {
  constructor(type: "float32", data: Float32Array, sizes: number[]);
  readonly data: Float32Array;
}

export class InferenceSession {
  static create(address: string, options: { executionProviders: string[] }): Promise<InferenceSession>;
  run(inputs: Record<string, Tensor>): Promise<Record<string, Tensor>>;
}
