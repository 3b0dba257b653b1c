// Entry of the process that runs SQL statements for agents: SQLite cannot be stopped within a statement, a process can.
import { runSql, type SqlJob } from '../tools/runSql.ts'
import { tellParent } from './tellParent.ts'

process.on('message', (job: SqlJob) => void tellParent('ready').then(() => tellParent(runSql(job))))
process.on('disconnect', () => process.exit())
// Ctrl-C and a closed terminal reach the whole group; the parent decides what they mean.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})
