// Entry of a scoring process: takes one job over IPC, sends scores after every pass. A crash here never reaches the app.
import { errorParts, type RetortErrorParts } from '../../shared/errors.ts'
import { asRetortError } from '../files/index.ts'
import type { ScoreEvent, ScoreQuestion } from '../scoring/protocol.ts'
import { scoreSession } from '../scoring/scoreSession.ts'
import { tellParent } from './tellParent.ts'

const send = (event: ScoreEvent): Promise<void> => tellParent(event)

const partsOf = (error: unknown): RetortErrorParts => errorParts(asRetortError(error, { code: 'score-failed', message: 'scoring failed' }))

async function run(question: ScoreQuestion): Promise<void> {
  try {
    await scoreSession(question, send)
    await send({ type: 'ended' })
  } catch (error) {
    await send({ type: 'failed', error: partsOf(error) })
    process.exitCode = 1
  }
  if (process.connected) process.disconnect()
}

process.once('message', (question: ScoreQuestion) => void run(question))
// Nobody is left to take the scores. After an own disconnect the process ends by itself, with its exit code.
process.on('disconnect', () => process.exit())
// Ctrl-C and a closed terminal reach the whole group; the parent decides what they mean.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})
