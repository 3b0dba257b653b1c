// Kills the command line at random moments and says what became of each project: npx node scripts/kill-trial.mjs [COUNT] [SEED]
// The same trials as tests/cli/kill.test.ts, in any number. Ends with 1 when a project did not come through unharmed.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { baseline, killTrial, trials } from '../tests/support/killTrial.ts'

const [count = 20, seed = 1] = process.argv.slice(2).map(Number)
const folder = mkdtempSync(join(tmpdir(), 'retort-kill-'))
try {
  const expected = await baseline(join(folder, 'undisturbed'))
  const { importMs, prepareMs, trainMs, series } = expected
  const [imported, prepared, trained] = [importMs, prepareMs, trainMs].map((ms) => `${ms.toFixed(0)} ms`)
  console.log(`undisturbed: import ${imported}, train ${trained} (its run is there after ${prepared}), ${series.length} steps`)
  let harmed = 0
  for (const [index, trial] of trials(count, seed).entries()) {
    const { killed, ms, wrong } = await killTrial(expected, { ...trial, folder: join(folder, String(index)) })
    console.log(`${index + 1}: killed in ${killed}, ${(ms / 1000).toFixed(1)} s: ${wrong.length === 0 ? 'unharmed' : wrong.join('; ')}`)
    if (wrong.length > 0) harmed += 1
  }
  console.log(`${count - harmed} of ${count} unharmed`)
  process.exitCode = harmed > 0 ? 1 : 0
} finally {
  rmSync(folder, { recursive: true, force: true })
}
