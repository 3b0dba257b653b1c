// Scores tokens as llama.cpp serves them, quantised as the student's file is.
import { openScorer, openStudent } from '../llama/index.ts'
import type { TokenScorer } from './tokenScorer.ts'

export const scoreWithLlama: TokenScorer = async ({ examples, kinds: scored, signal, ...job }) => {
  const student = await openStudent({ path: job.student, weights: 'loaded', signal })
  try {
    const context = examples.reduce((longest, { ids }) => Math.max(longest, ids.length), 0)
    const adapter = job.adapter === null ? {} : { adapter: { path: job.adapter, scale: 1 } }
    const scorer = await openScorer({ student, ...adapter, context, signal })
    try {
      for (const [index, { ids, kinds, own }] of examples.entries()) {
        const first = Math.max(own, 1)
        const targets = new Set(kinds.flatMap((kind, token) => (token >= first && scored.has(kind) ? [token] : [])))
        const nll = await scorer.score(ids, { targets, signal })
        for (const token of targets) job.onScore({ example: index, token, nll: nll[token] as number })
        job.onProgress(index + 1)
      }
    } finally {
      await scorer.dispose()
    }
  } finally {
    await student.dispose()
  }
}
