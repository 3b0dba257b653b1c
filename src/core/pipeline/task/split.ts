// The split into train and held-out: by task, decided by the task's id alone.

const DIGITS = 6
const CHUNK = 6

/** Share of tasks held out unless a run says otherwise. */
export const DEFAULT_HELDOUT = 0.1

/** Places of tasks are whole numbers below this. */
const PLACES = 10 ** DIGITS

/**
 * A task's place in the split: its id read as a whole number, the last six decimal digits from the last one on. 0 to 999,999.
 */
export function splitPlace(taskId: string): number {
  if (!/^[0-9a-f]{64}$/.test(taskId)) {
    throw new RangeError(`found task id ${JSON.stringify(taskId)}, expected 64 hex digits`)
  }
  // By long division, six hex digits at a time: every number stays below 2^53.
  let rest = 0
  for (let at = 0; at < taskId.length; at += CHUNK) {
    const chunk = taskId.slice(at, at + CHUNK)
    rest = (rest * 16 ** chunk.length + Number.parseInt(chunk, 16)) % PLACES
  }
  let place = 0
  for (let digit = 0; digit < DIGITS; digit += 1) {
    place = place * 10 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
  return place
}

/** The places below this are held out, for a share of tasks `fraction` in [0, 1). Fractions are compared to six decimals. */
export function heldOutBelow(fraction: number): number {
  if (!(fraction >= 0 && fraction < 1)) {
    throw new RangeError(`found held-out fraction ${fraction}, expected 0 <= fraction < 1`)
  }
  return Math.round(fraction * PLACES)
}

/**
 * Whether a task is held out, for a share of tasks `fraction` in [0, 1): when its place, put after the point, lies below it.
 * So 0.1 is exactly `id mod 10 = 0`, and a larger fraction holds out all that a smaller one does.
 */
export const heldOut = (taskId: string, fraction: number): boolean => splitPlace(taskId) < heldOutBelow(fraction)
