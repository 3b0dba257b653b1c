// Interrupts training runs at random moments, in every way there is: node scripts/interrupt-runs.mjs [COUNT] [SEED] [THREADS] [train|pretrain]
// SIGKILL, SIGTERM, SIGSTOP and SIGCONT, a full disk, a damaged newest checkpoint; against the trainer and the command line. The
// same trials as the tests in tests/engine (interruptions, pretrain), in any number. Ends with 1 when a run did not come to the same end.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { interruptedPretraining, openPretrainStage, pretrainInterruptions } from '../tests/support/interruptPretraining.ts'
import { interruptedLife, interruptions, openStage } from '../tests/support/interruptTrial.ts'

/** Both sorts of runs: a stage with its undisturbed run, what interrupts, and one life under it. */
const SORTS = {
  train: {
    open: (folder, threads) => openStage(folder, { threads }),
    steps: ({ expected }) => expected.series.length,
    plan: (count, seed) => interruptions(count, { seed, commandEvery: 11 }),
    live: interruptedLife,
    name: ({ kind, against }) => (against === 'command' ? `${kind} (command)` : kind),
  },
  pretrain: {
    open: (folder, threads) => openPretrainStage(folder, { text: Array.from({ length: 400 }, (_, i) => `Line ${i % 17} says ${i % 5} and ${i % 11}.`).join('\n'), threads }),
    steps: ({ expected }) => expected.lines.length,
    plan: pretrainInterruptions,
    live: interruptedPretraining,
    name: ({ kind, after }) => (after === 'heldout' ? `${kind} (while measuring)` : kind),
  },
}

const [count = 200, seed = 1, threads = 2] = process.argv.slice(2, 5).map(Number)
const sort = SORTS[process.argv[5] ?? 'train']
const folder = mkdtempSync(join(tmpdir(), 'retort-interrupt-'))
const began = performance.now()
let stage = null
// A disk that stays mounted would be in the way of the next.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (stage?.dispose(), process.exit(1)))
try {
  stage = await sort.open(folder, threads)
  console.log(`undisturbed: ${sort.steps(stage)} steps on ${threads} threads; a full disk is made by: ${stage.disk.kind}`)
  const waiting = sort.plan(count, seed)
  const tally = new Map()
  let [harmed, lives] = [0, 0]
  while (waiting.length > 0) {
    const { done, wrong, attempts } = await sort.live(stage, waiting, `life-${lives++}`)
    const names = done.map(sort.name)
    for (const name of names) tally.set(name, (tally.get(name) ?? 0) + 1)
    console.log(`run ${lives}: ${done.length} interruptions, ${attempts} starts: ${wrong.length === 0 ? 'the same, bit for bit' : wrong.join('; ')}  [${names.join(', ')}]`)
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
