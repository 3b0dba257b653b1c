// A teacher that says little of a run: told at its start, and refused where it says nothing.
import type { TrainedOn } from './contract/training.ts'
import { RetortError } from './errors.ts'

type Covering = Pick<NonNullable<TrainedOn['teacher']>, 'label' | 'tokens' | 'of' | 'mass'>

/** Less than this share of the tokens, or of their probability, is told. */
const ENOUGH = 0.5

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** To be said loudly where a run starts; null: it covers enough, or there is none. A mass of null is measured while the run trains. */
export function thinTeacher(teacher: Covering | undefined): string | null {
  if (!teacher || teacher.of === 0) return null
  const { label, tokens, of, mass } = teacher
  if (tokens / of >= ENOUGH && (mass === null || mass >= ENOUGH)) return null
  const named = mass === null ? '' : `, and its named tokens have ${percent(mass)} of the probability there`
  return `WARNING: the teacher ${label} covers ${tokens} of ${of} tokens that would listen to it (${percent(tokens / of)})${named}: the rest is trained towards the recorded token`
}

/** What is wrong with a teacher that covers nothing of what would listen to it, or null. */
export function emptyTeacher(teacher: Covering | undefined): RetortError | null {
  if (!teacher || teacher.of === 0 || teacher.tokens > 0) return null
  return new RetortError({
    code: 'bad-settings',
    message: 'the teacher covers nothing of this run',
    where: 'teacher',
    found: `${teacher.label}: 0 of ${teacher.of} tokens that would listen to it`,
    expected: 'distributions over these trajectories, made with this student and recipe',
    advice: 'make them again with `retort teacher`, or leave the teacher out',
  })
}
