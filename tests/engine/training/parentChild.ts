// Child process of resume.test.ts: the parent of a trainer, which kills itself with SIGKILL after a given step.
import { attempt } from '../../support/tinyRun.ts'

const [dir, step] = process.argv.slice(2)
await attempt(dir!, (_, event) => {
  if (event?.type === 'step' && event.metrics.step === Number(step)) process.kill(process.pid, 'SIGKILL')
})
