// Trying a function on tasks: what it gives for each of them, and whether that is right.
import type { BoxParameter, Verification } from '../../shared/contract/box.ts'
import { RetortError } from '../../shared/errors.ts'
import type { Problem } from '../suites/index.ts'
import { ownNumbers } from './numbers.ts'

/** Throws RetortError `stopped` once the signal aborts. */
export function proceed(signal: AbortSignal): void {
  if (signal.aborted) throw new RetortError({ code: 'stopped', message: 'stopped' })
}

/** Runs a function without effects, in its time; `code` declares it. Never throws. */
export type RunFunction = (call: { readonly code: string; readonly name: string; readonly args: readonly unknown[] }) => Promise<RunOutcome>
/** `value`: null for nothing, undefined and null alike; else in words. */
export type RunOutcome = { readonly value: string | null; readonly problem: string | null; readonly milliseconds: number }

export type Trial = { readonly result: 'right' | 'wrong' | 'nothing' | 'failed'; readonly value: string | null; readonly milliseconds: number }

export type Callable = { readonly name: string; readonly code: string; readonly parameters: readonly BoxParameter[] }

/** Arguments of a call for a task, in the order of the parameters; null where the task has not the numbers that are asked for. */
export function argumentsOf(parameters: readonly BoxParameter[], question: string, common: readonly number[]): unknown[] | null {
  const own = ownNumbers(question, common)
  if (own.length !== Math.max(...parameters.flatMap(({ slots }) => slots)) + 1) return null
  return parameters.map(({ type, slots }) => (type === 'number[]' ? slots.map((slot) => own[slot]) : own[slots[0]!]))
}

export async function tryOn(tool: Callable, problem: Problem, { run, common }: { readonly run: RunFunction; readonly common: readonly number[] }): Promise<Trial> {
  const args = argumentsOf(tool.parameters, problem.task.question, common)
  if (!args) return { result: 'failed', value: null, milliseconds: 0 }
  const { value, problem: wrong, milliseconds } = await run({ code: tool.code, name: tool.name, args })
  if (wrong !== null) return { result: 'failed', value: null, milliseconds }
  if (value === null) return { result: 'nothing', value, milliseconds }
  return { result: problem.scoreAnswer?.(value) ? 'right' : 'wrong', value, milliseconds }
}

export function verificationOf(trials: readonly Trial[], { split, seed }: Pick<Verification, 'split' | 'seed'>): Verification {
  const count = (...results: Trial['result'][]): number => trials.filter(({ result }) => results.includes(result)).length
  return { split, seed, tasks: trials.length, passed: count('right'), failed: count('nothing', 'failed'), slowest: Math.round(Math.max(0, ...trials.map(({ milliseconds }) => milliseconds))) }
}
