// What a box's tools were verified on, as words: so many of so many tasks are an estimate, and have an interval.
import type { Verification } from '../shared/contract/box.ts'
import { wilson } from '../shared/wilson.ts'

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`

/** `right on 8 of 8 (95 % interval 68 % to 100 %)`. */
export function rightText({ passed, tasks }: Pick<Verification, 'passed' | 'tasks'>): string {
  const interval = wilson(passed, tasks)
  return `right on ${passed} of ${tasks}${interval === null ? '' : ` (95 % interval ${percent(interval.low)} to ${percent(interval.high)})`}`
}

/** How it stands to the floor; nothing where it is surely above. */
export function floorText({ passed, tasks }: Pick<Verification, 'passed' | 'tasks'>, floor: number): string {
  if (passed < floor * tasks) return `; under the floor of ${floor}`
  return (wilson(passed, tasks)?.low ?? 0) < floor ? `; at the floor of ${floor}, which so few tasks do not show` : ''
}
