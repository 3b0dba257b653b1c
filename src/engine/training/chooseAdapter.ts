// Which adapter of a run is meant: that of its last step, or that of the best of its held-out curve.
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { stepOfLora } from '../../core/pipeline/adapter/index.ts'
import { bestPoint } from '../../core/pipeline/training/index.ts'
import type { Which } from '../../shared/contract/training.ts'
import { RetortError } from '../../shared/errors.ts'
import { openByteSource } from '../files/index.ts'
import { heldoutPoints, readHeldout, readMetrics, runFiles, type RunConfig } from './runFolder.ts'

export type ChosenAdapter = {
  readonly path: string
  readonly which: Which
  /** Optimiser steps behind it. */
  readonly step: number
}

/** The best where the run may end early: its last steps are those that brought no gain. Else the last. */
export const usualChoice = ({ settings }: Pick<RunConfig, 'settings'>): Which => (settings.earlyStop === 'off' ? 'last' : 'best')

/** Steps behind an adapter, as its file says: the session that wrote it may not be the last one. `otherwise`: for files of before. */
function stepOf(path: string, otherwise: number): number {
  const source = openByteSource(path)
  try {
    return stepOfLora(source) ?? otherwise
  } finally {
    source.close()
  }
}

/** Adapters that a run has as files, the usual one first. */
export function adaptersOf(dir: string, config: RunConfig): ChosenAdapter[] {
  const files = runFiles(dir)
  const done = readMetrics(dir).length
  const best = bestPoint(heldoutPoints(readHeldout(dir), done), config.settings)
  const found: ChosenAdapter[] = [
    ...(existsSync(files.adapter) ? [{ path: files.adapter, which: 'last' as const, step: stepOf(files.adapter, done) }] : []),
    ...(best && best.step !== done && existsSync(files.bestAdapter) ? [{ path: files.bestAdapter, which: 'best' as const, step: stepOf(files.bestAdapter, best.step) }] : []),
  ]
  return usualChoice(config) === 'best' ? found.toReversed() : found
}

/**
 * The adapter that is asked for, or the usual one. The best is the last file where the last step is the best. Throws
 * RetortError `no-adapter` when there is none, `no-best` when a best is asked for and nothing was measured.
 */
export function chooseAdapter(dir: string, config: RunConfig, wanted: Which | undefined): ChosenAdapter {
  const found = adaptersOf(dir, config)
  const [usual] = found
  if (!usual) {
    const where = runFiles(dir).adapter
    throw new RetortError({ code: 'no-adapter', message: 'this run has no adapter yet', where, advice: 'let it train, or stop it so that it saves: `retort train --resume RUN`' })
  }
  if (wanted === undefined) return usual
  const exact = found.find(({ which }) => which === wanted)
  if (exact) return exact
  const done = readMetrics(dir).length
  const best = bestPoint(heldoutPoints(readHeldout(dir), done), config.settings)
  if (wanted === 'best' && best?.step === usual.step) return { ...usual, which: 'best' }
  throw new RetortError({
    code: wanted === 'best' ? 'no-best' : 'no-adapter',
    message: `this run has no ${wanted} adapter`,
    where: dir,
    found: wanted === 'best' && best === null ? 'no held-out evaluation behind a step' : 'no such file',
    expected: wanted === 'best' ? 'a held-out curve: retort train --heldout-every N' : 'the adapter of the last step',
    advice: `take the other one, or let the run go on: retort train --resume ${basename(dir)}`,
  })
}
