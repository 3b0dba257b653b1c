// Entry of the process that runs Python of agents; it is started without rights to files, other processes and code from strings.
import { createPython, type PythonJob } from '../tools/runPython.ts'
import { tellParent } from './tellParent.ts'

const python = createPython()

async function work({ before, ...block }: PythonJob): Promise<void> {
  const { prepare, run } = await python
  prepare(before)
  await tellParent('ready')
  await tellParent(run(block))
}

process.on('message', (job: PythonJob) => void work(job))
process.on('disconnect', () => process.exit())
// Ctrl-C and a closed terminal reach the whole group; the parent decides what they mean.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})
