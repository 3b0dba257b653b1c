// The box against no box and against retrieval of solved examples, with one student: a table with intervals.
import { benchArms } from '../../core/box/index.ts'
import { drawProblems, suiteNamed } from '../../core/suites/index.ts'
import type { BoxArm, BoxBench } from '../../shared/contract/box.ts'
import type { TaskSplit } from '../../shared/records/suite.ts'
import type { Interval } from '../../shared/records/evaluation.ts'
import { openVoice, systemClock } from '../agent/index.ts'
import { openSuiteTools } from '../suites/index.ts'
import { freshFrom, type OpenBox } from './folder.ts'
import { boxKit } from './kit.ts'
import { openBoxSandbox } from './sandbox.ts'

export type BenchBox = {
  readonly student: string
  /** Tokens. */
  readonly context: number
  readonly tasks: number
  readonly split: TaskSplit
  readonly seed: number
  readonly arms: readonly BoxArm[]
  /** Turns of an episode at most; undefined: the suite's own limit. */
  readonly steps?: number | undefined
  readonly onProgress: (arm: BoxArm, done: number, right: number) => void
  readonly signal: AbortSignal
}

export async function benchBox(box: OpenBox, { student, context, tasks, split, seed, arms, steps, onProgress, signal }: BenchBox): Promise<BoxBench> {
  const suite = suiteNamed(box.suite)
  const voice = await openVoice({ type: 'local', student, adapter: null, context }, signal)
  const suiteTools = openSuiteTools()
  const sandbox = openBoxSandbox({ signal })
  try {
    const rows = await benchArms({
      suite, model: voice.model, arms, signal, onProgress, steps: steps ?? suite.limits.steps,
      problems: [...drawProblems(suite, { split, seed, count: tasks, from: freshFrom(box, { split, seed }) })],
      training: [...drawProblems(suite, { split: box.made.split, seed: box.made.seed, count: box.made.tasks })],
      common: box.common,
      box: () => boxKit(box, sandbox.run),
      shown: box.tools[0]!,
      tools: suiteTools.tools,
      clock: systemClock,
    })
    return { box: box.folder, suite: box.suite, model: voice.model.name, tasks, split, seed, arms: rows }
  } finally {
    await sandbox.dispose()
    await suiteTools.dispose()
    await voice.dispose()
  }
}

const TITLES: Readonly<Record<BoxArm, string>> = { without: 'without the box, the first three examples', retrieval: 'the three nearest solved examples', box: 'with the box, the first three examples' }

/** As Markdown. */
export function benchTable({ model, suite, tasks, split, arms }: BoxBench): string {
  const percent = (value: number): string => `${Math.round(100 * value)} %`
  const points = (value: number): string => String(Math.round(100 * value))
  const interval = ({ low, high }: Interval): string => `${percent(low)} to ${percent(high)}`
  const rows = arms.map(({ arm, right, success, gain, steps, promptTokens, used, seconds }) =>
    [
      TITLES[arm], `${right}/${tasks}`, success ? `${percent(success.value)} (${interval(success)})` : '', gain ? `${points(gain.value)} points (${points(gain.low)} to ${points(gain.high)})` : '',
      steps.toFixed(1), promptTokens === null ? '?' : Math.round(promptTokens), arm === 'box' ? `${used}/${tasks}` : '', `${seconds.toFixed(1)} s`,
    ].join(' | '),
  )
  return [
    `${model} on ${suite}, ${tasks} tasks (${split}), greedy, not trained`, '',
    '| | right | success (95 %) | gain, paired (95 %) | steps | prompt tokens | box used | time |', '|---|---|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n')
}
