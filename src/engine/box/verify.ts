// A box's tools on further held-out tasks.
import { tryOn, type Trial, verificationOf } from '../../core/box/index.ts'
import { drawProblems, suiteNamed } from '../../core/suites/index.ts'
import type { Verification } from '../../shared/contract/box.ts'
import type { TaskSplit } from '../../shared/records/suite.ts'
import { freshFrom, type OpenBox } from './folder.ts'
import { openBoxSandbox } from './sandbox.ts'

export async function verifyBox(box: OpenBox, options: { tasks: number; split: TaskSplit; seed: number; signal: AbortSignal }): Promise<{ name: string; verified: Verification }[]> {
  const { tasks: count, split, seed, signal } = options
  const problems = [...drawProblems(suiteNamed(box.suite), { split, seed, count, from: freshFrom(box, { split, seed }) })]
  const sandbox = openBoxSandbox({ signal })
  try {
    const rows: { name: string; verified: Verification }[] = []
    for (const tool of box.tools) {
      const trials: Trial[] = []
      for (const problem of problems) {
        signal.throwIfAborted()
        trials.push(await tryOn(tool, problem, { run: sandbox.run, common: box.common }))
      }
      rows.push({ name: tool.name, verified: verificationOf(trials, { split, seed }) })
    }
    return rows
  } finally {
    await sandbox.dispose()
  }
}
