// The student as curation asks it: tokens by its own template, and its own loss, remembered as curricula do.
import { basename } from 'node:path'
import type { Candidate, StudentPort } from '../../core/pipeline/curation/index.ts'
import type { MaskedExample } from '../../shared/records/example.ts'
import { sha256 } from '../files/index.ts'
import { openStudent } from '../llama/index.ts'
import { maskedExamples } from '../masking.ts'
import { correctedHash, type CorrectedTrajectory } from '../project/index.ts'
import { createLossSource } from '../training/index.ts'

export type OpenStudentPort = { readonly port: StudentPort; dispose(): Promise<void> }

type Wanted = {
  readonly path: string
  readonly cacheDir: string
  /** What candidates were made of. */
  readonly corrected: ReadonlyMap<string, CorrectedTrajectory>
  readonly signal: AbortSignal
}

export async function openStudentPort({ path, cacheDir, corrected, signal }: Wanted): Promise<OpenStudentPort> {
  const student = await openStudent({ path, weights: 'none', signal })
  const losses = createLossSource({ student: path, cacheDir })
  const examplesOf = ({ trajectory }: Candidate): { examples: MaskedExample[]; refused: string | null } =>
    maskedExamples({ corrected: corrected.get(trajectory.id)!, student, recipe: 'sft' })
  return {
    port: {
      name: basename(path),
      context: student.trainedContext,
      tokens(candidate) {
        const { examples, refused } = examplesOf(candidate)
        return refused === null ? { tokens: Math.max(0, ...examples.map(({ ids }) => ids.length)) } : { refused }
      },
      async losses(candidates, onProgress) {
        const examples = candidates.flatMap((candidate) => examplesOf(candidate).examples).filter(({ ids }) => ids.length <= student.trainedContext)
        const hashes = new Map(candidates.map(({ trajectory: { id } }) => [id, correctedHash(corrected.get(id)!, sha256)]))
        return losses({ examples, hashes, onProgress, signal })
      },
    },
    dispose: () => student.dispose(),
  }
}
