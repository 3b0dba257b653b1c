// The key of a task: equal questions have equal keys, whatever format they came in.
import type { Sha256 } from '../../ports/index.ts'
import type { Task } from '../../../shared/records/task.ts'

/** sha256 (hex) of the question in Unicode NFC, line ends as \n, without white space at both ends. */
export function taskKey(question: string, sha256: Sha256): string {
  return sha256(question.normalize('NFC').replaceAll('\r\n', '\n').trim())
}

/** The task record of a question; the question itself is kept as it came. */
export function makeTask(question: string, sha256: Sha256): Task {
  return { id: taskKey(question, sha256), question }
}
