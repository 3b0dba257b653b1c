// Entry of the process that runs code of agents: the interpreter has its limits, and a process can be stopped where they fail.
import { type CodeJob, createCodeMachine } from '../tools/runCode.ts'
import { tellParent } from './tellParent.ts'

const machine = createCodeMachine()

async function work(job: CodeJob): Promise<void> {
  const { run } = await machine
  await tellParent('ready')
  await tellParent(await run(job))
}

process.on('message', (job: CodeJob) => void work(job))
process.on('disconnect', () => process.exit())
// Ctrl-C and a closed terminal reach the whole group; the parent decides what they mean.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})
