// The demo's figures as lines for a person.
import type { DemoReport } from '../../shared/contract/demo.ts'
import type { TrainSummary } from '../../shared/contract/training.ts'
import { quoted } from '../../shared/quoted.ts'
import type { EvaluationSummary, Interval } from '../../shared/records/evaluation.ts'

const percent = (value: number): string => `${(100 * value).toFixed(0)} %`
const between = ({ low, high }: Interval): string => `95 % interval ${percent(low)} to ${percent(high)}`

export const spanLine = ({ spans, guessed }: DemoReport['sample']): string =>
  `spans: ${Object.entries(spans).map(([kind, count]) => `${kind} ${count}`).join(', ')}; ${guessed} guessed, which a person would look at first`

export function evaluationLine({ tasks, successes, success, invalid }: EvaluationSummary): string {
  const readable = invalid.of === 0 ? '' : `; ${percent(invalid.count / invalid.of)} of its actions cannot be run`
  return `${successes} of ${tasks} solved${success === null ? '' : `: ${percent(success.value)}, ${between(success)}`}${readable}`
}

export const gainLine = (gain: Interval): string => `gain: ${percent(gain.value)}, ${between(gain)} (paired over the tasks)`

export const trainingLine = ({ steps, trainedTokens, tokensPerSecond, peakMemoryBytes }: TrainSummary): string =>
  `${steps} steps, ${trainedTokens} trained tokens, ${tokensPerSecond.toFixed(0)} tokens/s, ${(peakMemoryBytes / 1e9).toFixed(2)} GB peak`

/** What was had, and how to go on. */
export function* closing({ project, student, suite, training, after, before, bigger, seconds }: DemoReport): Iterable<string> {
  yield ''
  if (after === null) {
    yield 'Stopped and saved; `npm run demo` goes on from there.'
    return
  }
  const families = before.families.map(({ family }) => family)
  yield `${suite}${families.length === 1 ? ` (only ${families.join()})` : ` (${families.length} kinds of its tasks)`}: ${before.successes} of ${before.tasks} before, ${after.summary.successes} of ${after.summary.tasks} after, in ${(seconds / 60).toFixed(1)} minutes`
  yield `adapter  ${training.adapter}`
  yield ''
  yield 'Go on:'
  yield `  npm run -s retort -- eval --project ${quoted(project)} --suite ${suite} --split ood --student ${quoted(student)} --run ${training.run}`
  yield '     the same student on tasks that are worded as none of training: the number that counts'
  if (bigger === null) {
    yield '  npm run demo -- --student FILE'
    yield '     the same with a bigger student, such as SmolLM2-135M-Instruct as GGUF (Apache-2.0, about 100 MB): it reads less and understands more'
  } else {
    yield `  npm run demo -- --student ${quoted(bigger)}`
    yield '     the same with this bigger student, which is on this machine; it takes some minutes more'
  }
  yield '  npm run -s retort -- serve'
  yield '     the app: episodes, spans, curves, and a chat with the student'
}

