// Runs blocks of JavaScript in QuickJS, compiled to WebAssembly: no files, no network, no clock; limits on time, memory and output.
// The interpreter's whole state is its memory, which goes in and comes out as a value, so that states can be copied.
import variant from '@jitl/quickjs-singlefile-mjs-release-sync'
import { newQuickJSWASMModuleFromVariant, newVariant, type QuickJSContext, type QuickJSHandle } from 'quickjs-emscripten-core'
import { clipped } from './clipped.ts'
import { withVar } from './codeDeclarations.ts'
import { baseOf, type CodeImage, type ImageBase, imageOf, reachOf, restore } from './codeImage.ts'
import { CODE_PRELUDE } from './codePrelude.ts'

export type CodeJob = {
  readonly code: string
  /** State to begin with; null: a fresh one. */
  readonly image: CodeImage | null
  /** The block is interrupted after them. */
  readonly seconds: number
  /** Characters that are kept of what is printed, and of a value, an answer, an error. */
  readonly mostOutput: number
}

export type CodeResult = {
  readonly printed: string
  /** Characters that were printed and not kept. */
  readonly omitted: number
  /** What the last statement comes to, in words; null: nothing. */
  readonly value: string | null
  /** As handed in by `final_answer`. */
  readonly answer: string | null
  readonly error: string | null
  /** State after the block; null: as before, for a block that was interrupted or ran out of memory is undone. */
  readonly image: CodeImage | null
}

export type CodeMachine = { readonly run: (job: CodeJob) => Promise<CodeResult> }

/** 16 MB, as the build of QuickJS asks for, and at most 96 MB, in WebAssembly's pages of 64 kB. QuickJS's own limit does not count sizes under WebAssembly. */
const MEMORY = { initial: 256, maximum: 1536 }
const PAGE_BYTES = 65_536
/** A quarter of a stack's usual megabyte: the stack within WebAssembly is small. */
const STACK_BYTES = 256 * 1024

// Node's types name the memory, but not how it is made.
const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer } } }).WebAssembly

/** One interpreter, used again and again. */
export async function createCodeMachine(): Promise<CodeMachine> {
  let vm = await openVm(MEMORY.initial)
  return {
    async run(job) {
      const pages = Math.max(MEMORY.initial, Math.ceil((job.image ? reachOf(job.image) : 0) / PAGE_BYTES))
      const has = vm.memory().length / PAGE_BYTES
      // Memory never shrinks, and grows from within only: a state of another size gets an interpreter of its own.
      if (vm.host.broken || has !== pages) vm = await openVm(pages)
      return runIn(vm, job)
    },
  }
}

type Vm = {
  readonly context: QuickJSContext
  readonly base: ImageBase
  readonly memory: () => Uint8Array
  readonly told: (value: QuickJSHandle) => string
  readonly problem: (error: QuickJSHandle) => string
  readonly isEnd: (error: QuickJSHandle) => boolean
  readonly host: Host
}

/** What the interpreter's functions write to while a block runs. `broken`: WebAssembly itself gave out, which leaves its stack anywhere. */
type Host = { print(text: string): void; answer(text: string): void; interrupted(): boolean; broken: boolean }

async function openVm(pages: number): Promise<Vm> {
  const wasmMemory = new Memory({ initial: pages, maximum: MEMORY.maximum })
  // The package names the type as browsers' libraries declare it.
  const options = { wasmMemory } as unknown as Parameters<typeof newVariant>[1]
  const module = await newQuickJSWASMModuleFromVariant(newVariant(variant, options))
  const host: Host = { print: () => {}, answer: () => {}, interrupted: () => false, broken: false }
  const context = atRest(() => module.newContext())
  context.runtime.setMaxStackSize(STACK_BYTES)
  context.runtime.setInterruptHandler(() => host.interrupted())
  const print = context.newFunction('print', (text) => host.print(context.getString(text)))
  const answer = context.newFunction('answer', (text) => host.answer(context.getString(text)))
  const prelude = context.unwrapResult(context.evalCode(CODE_PRELUDE, 'prelude.js'))
  // Handles that live on are taken before the base is, so that every state holds them.
  const parts = context.unwrapResult(context.callFunction(prelude, context.undefined, print, answer))
  const [told, problem, isEnd] = ['told', 'problem', 'isEnd'].map((name) => context.getProp(parts, name)) as [QuickJSHandle, QuickJSHandle, QuickJSHandle]
  const memory = (): Uint8Array => new Uint8Array(wasmMemory.buffer)
  const inWords = (how: QuickJSHandle) => (value: QuickJSHandle): string => {
    const result = context.callFunction(how, context.undefined, value)
    const text = result.error ? 'a value that cannot be shown' : context.getString(result.value)
    ;(result.error ?? result.value).dispose()
    return text
  }
  const same = (error: QuickJSHandle): boolean => {
    const result = context.callFunction(isEnd, context.undefined, error)
    const is = !result.error && context.dump(result.value) === true
    ;(result.error ?? result.value).dispose()
    return is
  }
  return {
    context, memory, host,
    base: baseOf(memory()),
    told: inWords(told), problem: inWords(problem), isEnd: same,
  }
}

/** QuickJS takes a seed from the clock: with a clock that stands still all interpreters begin with the same memory. */
function atRest<Value>(work: () => Value): Value {
  const { now } = Date
  Date.now = () => 0
  try {
    return work()
  } finally {
    Date.now = now
  }
}

function runIn(vm: Vm, { code, image, seconds, mostOutput }: CodeJob): CodeResult {
  const { host, base } = vm
  if (image && image.base !== base.id) return { printed: '', omitted: 0, value: null, answer: null, error: 'the state is of another interpreter', image: null }
  restore(vm.memory(), base, image)
  const ends = performance.now() + seconds * 1000
  let interrupted = false
  let omitted = 0
  let printed = ''
  let answer: string | null = null
  host.interrupted = () => (interrupted ||= performance.now() > ends) || answer !== null
  host.print = (text) => {
    const line = `${text}\n`
    const kept = line.slice(0, Math.max(0, mostOutput - printed.length))
    printed += kept
    omitted += line.length - kept.length
  }
  host.answer = (text) => void (answer ??= clipped(text, mostOutput))
  let outcome: { value: string | null; error: string | null }
  try {
    outcome = evaluated(vm, code)
  } catch (cause) {
    host.broken = true
    outcome = { value: null, error: cause instanceof Error ? cause.message : String(cause) }
  }
  const value = outcome.value === null ? null : clipped(outcome.value, mostOutput)
  if (answer !== null) return { printed, omitted, value: null, answer, error: null, image: null }
  const error = interrupted ? `interrupted after ${seconds} s` : outcome.error === null ? null : clipped(outcome.error, mostOutput)
  const undone = interrupted || host.broken || (error !== null && /out of memory/.test(error))
  return { printed, omitted, value: interrupted ? null : value, answer: null, error, image: undone ? null : imageOf(vm.memory(), base) }
}

/** Runs the block and what it has put off (promises). */
function evaluated({ context, told, problem, isEnd }: Vm, code: string): { value: string | null; error: string | null } {
  const said = (error: QuickJSHandle): string | null => {
    const words = isEnd(error) ? null : problem(error)
    error.dispose()
    return words
  }
  const result = context.evalCode(withVar(code), 'block.js')
  if (result.error) return { value: null, error: said(result.error) }
  using value = result.value
  const jobs = context.runtime.executePendingJobs()
  if (jobs.error) return { value: null, error: said(jobs.error) }
  jobs.dispose()
  const state = context.getPromiseState(value)
  if (state.type === 'rejected') return { value: null, error: said(state.error) }
  if (state.type === 'pending') return { value: null, error: null }
  const known = state.notAPromise ? value : state.value
  const words = context.typeof(known) === 'undefined' ? null : told(known)
  if (!state.notAPromise) state.value.dispose()
  return { value: words, error: null }
}
