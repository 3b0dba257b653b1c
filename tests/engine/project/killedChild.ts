// Child process of kill.test.ts: dies by kill -9 inside a transaction, after half of its trajectories are written.
import { openProject } from '../../../src/engine/project/index.ts'
import { insertTrajectory } from '../../../src/engine/store/index.ts'
import { chatColumns } from '../store/records.ts'

const project = openProject(process.argv[2]!, { create: true })
insertTrajectory(project.store, chatColumns('kept', 'x'))
project.store.transaction(() => {
  // Enough to spill from SQLite's page cache (2 MB) into the log before the transaction ends.
  for (let n = 0; n < 600; n += 1) insertTrajectory(project.store, chatColumns(`half ${n} ${'word '.repeat(400)}`, 'x'))
  process.kill(process.pid, 'SIGKILL')
})
