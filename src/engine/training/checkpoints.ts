// The checkpoints of a run: written whole, the newest two kept beside the first, damaged ones passed over.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { TrainedMatrix } from '../../core/nn/index.ts'
import { readCheckpoint, writeCheckpoint, type TrainState } from '../../core/pipeline/training/index.ts'
import { openByteSource, writeFileAtomic } from '../files/index.ts'

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

/** Writes the state of its step and removes what is no longer kept, and what a killed process left half-written. */
export function saveCheckpoint(folder: string, state: TrainState, matrices: readonly TrainedMatrix[]): void {
  const shapes = new Map(matrices.map(({ name, rows, columns }) => [name, [rows, columns]]))
  writeFileAtomic(fileOf(folder, state.step), (sink) => writeCheckpoint(state, shapes, sink))
  for (const step of stepsOf(folder).slice(KEPT)) if (step > 0) rmSync(fileOf(folder, step), { force: true })
  for (const name of readdirSync(folder)) if (name.endsWith('.tmp')) rmSync(join(folder, name), { force: true })
}

export function loadCheckpoint(folder: string, step: number): TrainState {
  const source = openByteSource(fileOf(folder, step))
  try {
    return readCheckpoint(source)
  } finally {
    source.close()
  }
}

/** The newest checkpoint that is whole, or null without any; `damaged` tells of each one passed over. */
export function newestCheckpoint(folder: string, damaged: (step: number, error: unknown) => void): TrainState | null {
  for (const step of stepsOf(folder)) {
    try {
      return loadCheckpoint(folder, step)
    } catch (error) {
      damaged(step, error)
    }
  }
  return null
}
