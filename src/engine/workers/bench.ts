// Entry of a bench process: one question, one answer.
import type { BenchAnswer, BenchQuestion } from '../bench/index.ts'
import { benchLimit, benchSteps } from '../bench/trainingBench.ts'

process.once('message', (question: BenchQuestion) => {
  const measure = question.measure === 'steps' ? benchSteps : benchLimit
  const answer = (value: BenchAnswer): void => void process.send?.(value, undefined, undefined, () => process.disconnect())
  measure(question.job).then(answer, (error: unknown) => answer({ error: error instanceof Error ? error.message : String(error) }))
})
