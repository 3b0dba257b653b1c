// What the store is told of a run: waits without blocking while another process writes, and is never the run's failure.
import { relative } from 'node:path'
import type { TrainSummary } from '../../shared/contract/training.ts'
import { RetortError } from '../../shared/errors.ts'
import { writing, type Project } from '../project/index.ts'
import { deleteAdapter, putAdapter, updateRun } from '../store/index.ts'
import { adaptersOf } from './chooseAdapter.ts'
import { readResult, type RunConfig } from './runFolder.ts'

export type RunRecord = {
  /** `work` as one transaction, instead of what was given before and still waits. Never rejects. */
  readonly write: (work: () => void) => Promise<void>
}

/** `onTrouble` is told what could not be written. The run's folder says how the run ended, so it is written another time. */
export function createRunRecord(project: Project, onTrouble: (text: string) => void): RunRecord {
  let wanted: (() => void) | null = null
  let running: Promise<void> | null = null
  async function drain(): Promise<void> {
    while (wanted) {
      try {
        // The newest at the moment of the transaction: it holds all that those before it would have said.
        const done = await writing(project, () => {
          const work = wanted
          work?.()
          return work
        })
        if (wanted === done) wanted = null
      } catch (error) {
        wanted = null
        onTrouble(`the state of the run could not be written down: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    running = null
  }
  return {
    write(work) {
      wanted = work
      return (running ??= drain())
    },
  }
}

/** Writes down what a run came to, as a part of the caller's transaction where there is one. */
export function record(project: Project, config: RunConfig, summary: TrainSummary): TrainSummary {
  project.store.transaction(() => {
    updateRun(project.store, config.id, { state: summary.state, result: summary, error: null })
    recordAdapters(project, config)
  })
  return summary
}

/** Writes down the adapters that a run has as files: the usual one under the run's id, another one with what it is. */
export function recordAdapters(project: Project, config: RunConfig): void {
  const found = adaptersOf(project.runFolder(config.id), config)
  for (const which of ['best', 'last']) deleteAdapter(project.store, `${config.id}-${which}`)
  found.forEach(({ path, which, step }, index) =>
    putAdapter(project.store, {
      id: index === 0 ? config.id : `${config.id}-${which}`,
      runId: config.id,
      path: relative(project.folder, path),
      studentSha256: config.student.sha256,
      rank: config.settings.rank,
      alpha: config.settings.alpha,
      step,
      createdAt: new Date().toISOString(),
    }),
  )
}

/** The result of a run that came to its end, else null: also where it cannot be read. */
export function finishedResult(dir: string): TrainSummary | null {
  try {
    const result = readResult(dir)
    return result?.state === 'finished' ? result : null
  } catch (error) {
    if (error instanceof RetortError) return null
    throw error
  }
}
