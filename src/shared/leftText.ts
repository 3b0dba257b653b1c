// What was left out and why, in one line.
import type { Left } from './contract/training.ts'

/** The reason may name an example of the trajectory itself: then it is not named twice. */
export const leftText = ({ trajectoryId, reason }: Pick<Left, 'trajectoryId' | 'reason'>): string =>
  reason.startsWith(trajectoryId) ? reason : `${trajectoryId}: ${reason}`
