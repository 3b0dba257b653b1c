// The checkpoints of a run: written whole, the newest two kept beside the first and the best, damaged ones passed over.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { TrainedTensor } from '../../core/nn/index.ts'
import { readCheckpoint, writeCheckpoint, type TrainState } from '../../core/pipeline/training/index.ts'
import { openByteSource, sha256, writeFileAtomic } from '../files/index.ts'
import { RetortError } from '../../shared/errors.ts'

/** Beside step 0, which is the adapter's start and part of what an export needs. */
const KEPT = 2
const NAME = /^step-(\d+)\.safetensors$/

const fileOf = (folder: string, step: number): string => join(folder, `step-${String(step).padStart(7, '0')}.safetensors`)

/** Steps that have a checkpoint, newest first. */
const stepsOf = (folder: string): number[] =>
  readdirSync(folder)
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a)

export type SaveOptions = {
  readonly matrices: readonly TrainedTensor[]
  /** Step of the best, which is kept. */
  readonly best: number | null
}

/** Writes the state of its step and removes what is no longer kept; of later steps, too, which will be made again. */
export function saveCheckpoint(folder: string, state: TrainState, { matrices, best }: SaveOptions): void {
  const shapes = new Map(matrices.map(({ name, shape }) => [name, shape]))
  writeFileAtomic(fileOf(folder, state.step), (sink) => writeCheckpoint(state, { shapes, sha256, sink }))
  const steps = stepsOf(folder)
  const kept = [0, best, ...steps.filter((step) => step <= state.step).slice(0, KEPT)]
  for (const step of steps) if (!kept.includes(step)) rmSync(fileOf(folder, step), { force: true })
}

export const hasCheckpoint = (folder: string, step: number): boolean => existsSync(fileOf(folder, step))

export function loadCheckpoint(folder: string, step: number): TrainState {
  const source = openByteSource(fileOf(folder, step))
  try {
    return readCheckpoint(source, sha256)
  } finally {
    source.close()
  }
}

export type NewestOptions = {
  /** Later steps are not looked at. */
  readonly atMost: number
  /** Told of each one that is damaged and passed over. */
  readonly damaged: (step: number, error: RetortError) => void
}

/** The newest checkpoint that is whole, or null without any; damaged ones are removed. A file that cannot be opened or read is an error. */
export function newestCheckpoint(folder: string, { atMost, damaged }: NewestOptions): TrainState | null {
  for (const step of stepsOf(folder).filter((step) => step <= atMost)) {
    try {
      return loadCheckpoint(folder, step)
    } catch (error) {
      if (!(error instanceof RetortError)) throw error
      damaged(step, error)
      // It is made again, and must not pass for what it is not: as the best, say.
      rmSync(fileOf(folder, step), { force: true })
    }
  }
  return null
}
