import { join } from "node:path";
import { PACKAGE } from "./local_ready.ts";

// The part of node-llama-cpp that is used. The package is installed apart from the others, so its own types are not there.

type Token = number;
type Item = { type: "system" | "user"; text: string } | { type: "model"; response: readonly string[] };

/** Oldest first; the last one is the model's, and empty: it is what is asked for. */
export type History = readonly Item[];

type ContextText = { tokenize(tokenizer: Model["tokenizer"]): Token[] };
type ChatWrapper = { generateContextState(options: { chatHistory: History }): { contextText: ContextText } };

/** Made by the package from a schema. */
export type Grammar = object;

type Model = {
  readonly tokenizer: (text: string) => Token[];
  tokenize(text: string): Token[];
  createContext(options: { contextSize: number; batchSize: number; threads: number }): Promise<Context>;
};

type Context = { readonly contextSize: number; getSequence(): object };

type Llama = { loadModel(options: { modelPath: string }): Promise<Model> };

type Generate = {
  maxTokens: number;
  temperature: number;
  topP: number;
  signal: AbortSignal;
  stopOnAbortSignal: boolean;
  /** What a model that thinks first may spend on it. */
  budgets: { thoughtTokens: number };
  onTextChunk(text: string): unknown;
  grammar?: Grammar;
};

type Chat = {
  readonly chatWrapper: ChatWrapper;
  generateResponse(history: History, options: Generate): Promise<{ response: string }>;
};

type Package = {
  getLlama(options: {
    gpu: false | "metal";
    build: "never";
    skipDownload: true;
    progressLogs: false;
    logLevel: "disabled";
    maxThreads: number;
  }): Promise<Llama>;
  LlamaChat: new (options: { contextSequence: object }) => Chat;
  LlamaJsonSchemaGrammar: new (llama: Llama, schema: object) => Grammar;
};

export type Loaded = { readonly chat: Chat; readonly model: Model; grammarOf(schema: object): Grammar };

type Options = { readonly model: string; readonly context_tokens: number; readonly threads: number };

/** Loads package and model. Whatever is wrong with either is thrown. */
export async function loadLlama({ model: modelPath, context_tokens, threads }: Options): Promise<Loaded> {
  const { getLlama, LlamaChat, LlamaJsonSchemaGrammar }: Package = await import(
    join(PACKAGE, "node_modules/node-llama-cpp/dist/index.js")
  );
  const llama = await getLlama({
    // The one build for Apple's processors has Metal in it.
    gpu: process.platform === "darwin" && process.arch === "arm64" ? "metal" : false,
    build: "never",
    skipDownload: true,
    progressLogs: false,
    logLevel: "disabled",
    maxThreads: threads,
  });
  const model = await llama.loadModel({ modelPath });
  // Between two batches a call can be cancelled: a long prompt on a slow machine is many batches.
  const context = await model.createContext({ contextSize: context_tokens, batchSize: 256, threads });
  const chat = new LlamaChat({ contextSequence: context.getSequence() });
  return { chat, model, grammarOf: (schema) => new LlamaJsonSchemaGrammar(llama, schema) };
}
