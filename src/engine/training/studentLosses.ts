// The student's own loss on trajectories: scored once by the trainer's forward graph, then remembered beside the cached weights.
import { join } from 'node:path'
import { z } from 'zod'
import { turnMacroNll } from '../../core/pipeline/curriculum/index.ts'
import type { MaskedExample } from '../../shared/records/example.ts'
import { readJsonFile, sha256File, writeJsonFile } from '../files/index.ts'
import { scoreWithTrainer } from '../scoring/index.ts'

export type LossRequest = {
  /** All of the trajectories that are asked for. */
  readonly examples: readonly MaskedExample[]
  /** By trajectory id: what names its content. */
  readonly hashes: ReadonlyMap<string, string>
  /** Examples scored, of those that are not known yet. */
  readonly onProgress: (done: number, total: number) => void
  readonly signal: AbortSignal
}

/** Turn-macro NLL by trajectory id, in nats a token; without those that have no agent token. */
export type LossSource = (request: LossRequest) => Promise<ReadonlyMap<string, number>>

const fileSchema = z.object({ student: z.string(), losses: z.record(z.string(), z.number()) })

/** Scores with the untrained student, in a process of its own. What was scored before, in whatever project, is not scored again. */
export function createLossSource({ student, cacheDir }: { readonly student: string; readonly cacheDir: string }): LossSource {
  return async ({ examples, hashes, onProgress, signal }) => {
    const sha256 = await sha256File(student)
    const path = join(cacheDir, 'losses', `${sha256.slice(0, 32)}.json`)
    const kept = readJsonFile(path, fileSchema)?.losses ?? {}
    const keys = keysOf(examples, hashes)
    const wanted = examples.filter(({ trajectoryId }) => kept[keys.get(trajectoryId)!] === undefined)
    const fresh = wanted.length === 0 ? new Map<string, number>() : await score(wanted)
    if (fresh.size > 0) {
      const found = Object.fromEntries([...fresh].map(([id, nll]) => [keys.get(id)!, nll]))
      // Another process may have added its own meanwhile.
      writeJsonFile(path, { student: sha256, losses: { ...readJsonFile(path, fileSchema)?.losses, ...found } })
    }
    return new Map(
      [...keys].flatMap(([id, key]) => {
        const nll = fresh.get(id) ?? kept[key]
        return nll === undefined ? [] : [[id, nll] as const]
      }),
    )

    function score(wanted: readonly MaskedExample[]): Promise<Map<string, number>> {
      onProgress(0, wanted.length)
      return turnMacroNll(wanted, (job) =>
        scoreWithTrainer({ ...job, student, adapter: null, cacheDir, signal, onProgress: (done) => onProgress(done, wanted.length) }),
      )
    }
  }
}

/** A trajectory of which only the last steps are taken is another text: its tokens count, too. */
function keysOf(examples: readonly MaskedExample[], hashes: LossRequest['hashes']): Map<string, string> {
  const tokens = new Map<string, number>()
  for (const { trajectoryId, ids } of examples) tokens.set(trajectoryId, (tokens.get(trajectoryId) ?? 0) + ids.length)
  return new Map([...tokens].map(([id, count]) => [id, `${hashes.get(id) ?? id} ${count}`]))
}
