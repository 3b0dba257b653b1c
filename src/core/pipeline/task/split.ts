// The split into train and held-out: by task, decided by the task's id alone.

const DIGITS = 6

/** Share of tasks held out unless a run says otherwise. */
export const DEFAULT_HELDOUT = 0.1

/**
 * Whether a task is held out, for a share of tasks `fraction` in [0, 1).
 * The id is read as a whole number; its decimal digits from the last one on, put after the point, are the task's place
 * in [0, 1): it is held out when that place lies below `fraction`. So 0.1 is exactly `id mod 10 = 0`, and a larger
 * fraction holds out all that a smaller one does. Fractions are compared to six decimals.
 */
export function heldOut(taskId: string, fraction: number): boolean {
  if (!/^[0-9a-f]{64}$/.test(taskId)) {
    throw new RangeError(`found task id ${JSON.stringify(taskId)}, expected 64 hex digits`)
  }
  if (!(fraction >= 0 && fraction < 1)) {
    throw new RangeError(`found held-out fraction ${fraction}, expected 0 <= fraction < 1`)
  }
  const last = (BigInt(`0x${taskId}`) % 10n ** BigInt(DIGITS)).toString().padStart(DIGITS, '0')
  const place = Number([...last].reverse().join(''))
  return place < Math.round(fraction * 10 ** DIGITS)
}
