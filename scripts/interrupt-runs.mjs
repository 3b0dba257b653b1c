// Interrupts training runs at random moments, in every way there is: node scripts/interrupt-runs.mjs [COUNT] [SEED] [THREADS]
// SIGKILL, SIGTERM, SIGSTOP and SIGCONT, a full disk, a damaged newest checkpoint; against the trainer and the command line. The
// same trials as tests/engine/training/interruptions.test.ts, in any number. Ends with 1 when a run did not come to the same end.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { interruptedLife, interruptions, openStage } from '../tests/support/interruptTrial.ts'

const [count = 200, seed = 1, threads = 2] = process.argv.slice(2).map(Number)
const folder = mkdtempSync(join(tmpdir(), 'retort-interrupt-'))
const began = performance.now()
let stage = null
// A disk that stays mounted would be in the way of the next.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (stage?.dispose(), process.exit(1)))
try {
  stage = await openStage(folder, { threads })
  console.log(`undisturbed: ${stage.expected.series.length} steps on ${threads} threads; a full disk is made by: ${stage.disk.kind}`)
  const waiting = interruptions(count, { seed, commandEvery: 11 })
  const tally = new Map()
  let [harmed, lives] = [0, 0]
  while (waiting.length > 0) {
    const { done, wrong, attempts } = await interruptedLife(stage, waiting, `life-${lives++}`)
    for (const { kind, against } of done) tally.set(`${kind} ${against}`, (tally.get(`${kind} ${against}`) ?? 0) + 1)
    const what = done.map(({ kind, against }) => (against === 'command' ? `${kind} (command)` : kind)).join(', ')
    console.log(`run ${lives}: ${done.length} interruptions, ${attempts} starts: ${wrong.length === 0 ? 'the same, bit for bit' : wrong.join('; ')}  [${what}]`)
    if (wrong.length > 0) {
      harmed += 1
      // What it stopped at would stop every run after it.
      waiting.shift()
    }
  }
  for (const [name, times] of [...tally].sort()) console.log(`${name}: ${times}`)
  console.log(`${lives - harmed} of ${lives} runs unharmed by ${[...tally.values()].reduce((a, b) => a + b, 0)} interruptions in ${((performance.now() - began) / 1000).toFixed(0)} s`)
  process.exitCode = harmed > 0 ? 1 : 0
} finally {
  stage?.dispose()
  rmSync(folder, { recursive: true, force: true })
}
