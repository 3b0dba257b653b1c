// The demo's figures as lines for a person.
import type { DemoReport } from '../../shared/contract/demo.ts'
import type { Heldout } from '../../shared/contract/metrics.ts'
import type { TrainSummary } from '../../shared/contract/training.ts'
import type { TokenPart } from '../../shared/records/example.ts'
import { table } from '../text.ts'

const ROWS: readonly [TokenPart, string][] = [
  ['thought', 'thought (REASON)'],
  ['scaffold', 'scaffold: "Action:" and brackets'],
  ['name', "the action's name"],
  ['argument', "inside the action's brackets (ACT)"],
  ['answer', 'inside finish[...] (FINAL)'],
  ['end', 'end of turn'],
]

/** Held-out nll by part of token, before and after; the easy scaffold apart from what carries meaning. */
export function heldoutLines({ before, after }: { before: Heldout; after: Heldout }): string[] {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
  const row = (label: string, a: Heldout['agent'] | undefined, b: Heldout['agent'] | undefined) =>
    a && b ? [[label, a.nll.toFixed(3), b.nll.toFixed(3), percent(a.accuracy), percent(b.accuracy), a.tokens]] : []
  return table(
    ['held-out tokens', 'nll before', 'after', 'first choice before', 'after', 'tokens'],
    [
      ...row('all of the agent', before.agent, after.agent),
      ...ROWS.flatMap(([part, label]) => row(label, before.byPart[part], after.byPart[part])),
      ...row('environment, for reference (not trained)', before.byKind.observe, after.byKind.observe),
    ],
  )
}

const indent = (text: string): string[] => text.split('\n').map((line) => `    ${line}`)

export function* answerLines(answers: NonNullable<DemoReport['answers']>): Iterable<string> {
  yield 'A held-out question, never trained on:'
  yield* indent(answers.question)
  yield 'The plain student:'
  yield* indent(answers.base)
  yield 'The distilled student:'
  yield* indent(answers.student)
  yield 'The recorded teacher:'
  yield* indent(answers.recorded)
}

export const trainingLine = ({ steps, trainedTokens, tokensPerSecond, peakMemoryBytes }: TrainSummary): string =>
  `${steps} steps, ${trainedTokens} trained tokens, ${tokensPerSecond.toFixed(0)} tokens/s, ${(peakMemoryBytes / 1e9).toFixed(2)} GB peak`
