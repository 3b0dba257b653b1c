// Child process of runsElsewhere.test.ts: an engine that starts a run and, after a given step, is killed; or one that holds its training
// still, until the test says that it has looked, and then closes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { atStep, clientOf, LONGER, openService, startRun, watchUntil } from './trial.ts'

const [home, project, student, step, end] = process.argv.slice(2) as [string, string, string, string, 'killed' | 'closed']
const service = openService(home)
const trial = { api: clientOf(service), service, project, student }
const run = await startRun(trial, LONGER)
const say = (line: string): void => void process.stdout.write(`${line}\n`)
say(run)

/** The trainer stands still after the step, in the midst of training, until a line comes; when it wakes, `then` was asked for already. */
async function hold(lines: AsyncIterator<string>, at: number, then: () => Promise<void>): Promise<void> {
  await watchUntil(trial, run, atStep(at))
  const trainer = Number(readFileSync(join(project, 'runs', run, 'trainer.pid'), 'utf8'))
  process.kill(trainer, 'SIGSTOP')
  say(`held ${at}`)
  await lines.next()
  const asked = then()
  process.kill(trainer, 'SIGCONT')
  await asked
}

if (end === 'killed') {
  await watchUntil(trial, run, atStep(Number(step)))
  process.kill(process.pid, 'SIGKILL')
}
const input = createInterface({ input: process.stdin })
const lines = input[Symbol.asyncIterator]()
await hold(lines, Number(step), async () => undefined)
await hold(lines, 2 * Number(step), () => service.dispose())
say('disposed')
// Nothing else may keep the process.
input.close()
process.stdin.destroy()
