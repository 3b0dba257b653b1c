// A ladder that is to be climbed: its rungs, made of its arms and seeds, and refused where they name themselves badly.
import { RetortError } from '../../shared/errors.ts'
import { type ArmData, isSeeded, type Ladder, type LadderSpec, type Rung } from '../../shared/records/ladder.ts'
import { appVersion } from '../training/index.ts'
import { makeId } from './folder.ts'
import { frozen, withTeacherTurns } from './frozen.ts'
import { writeLadder } from './ladderFolder.ts'

/** Makes a ladder in the project, with all that it measures with; nothing of it is begun. Throws RetortError `bad-arms` for one that names itself badly. */
export function createLadder(project: string, wanted: LadderSpec): Ladder {
  requireArms(wanted)
  const spec = withTeacherTurns(frozen(wanted))
  const now = new Date()
  const ladder: Ladder = {
    id: makeId(now), createdAt: now.toISOString(), spec, state: 'stopped', rungs: rungsOf(spec),
    scores: [], rationale: [], seconds: 0, versions: [appVersion()], error: null,
  }
  writeLadder(project, ladder)
  return ladder
}

/** All arms with the first seed, then with the next: a ladder that is stopped has something of every arm. What neither learns nor draws is the same with each seed. */
function rungsOf({ arms, seeds }: LadderSpec): Rung[] {
  return seeds.flatMap((seed, index) =>
    arms
      .filter((arm) => index === 0 || isSeeded(arm))
      .map(({ name, notApplicable }) => ({
        arm: name, seed, state: notApplicable === undefined ? ('waiting' as const) : ('not-applicable' as const), data: null, taught: null, run: null, trained: null, evaluations: [], seconds: 0, error: null,
      })),
  )
}

function requireArms({ arms, teacher }: LadderSpec): void {
  const bad = (found: string, expected: string): RetortError => new RetortError({ code: 'bad-arms', message: 'these rungs are no ladder', found, expected })
  for (const [index, { name, like, train, notApplicable }] of arms.entries()) {
    const before = arms.slice(0, index)
    if (train && notApplicable === undefined) requireTeacher({ name, data: train.data, teacher }, bad)
    if (before.some((other) => other.name === name)) throw bad(`two rungs named ${name}`, 'a name for each')
    if (like === undefined) continue
    if (train !== null) throw bad(`${name} is trained, and like ${like}`, 'one of them')
    if (!before.some((other) => other.name === like && other.train !== null)) throw bad(`${name} is like ${like}`, 'a rung before it that is trained')
  }
}

type Bad = (found: string, expected: string) => RetortError

function requireTeacher({ name, data: { file, firstThought = 'off', expert, wordings }, teacher }: { name: string; data: ArmData; teacher: LadderSpec['teacher'] }, bad: Bad): void {
  if (file !== undefined) return
  if (teacher === null && firstThought !== 'off') throw bad(`${name} begins with the teacher's own thought, and the teacher is a script`, 'a teacher that is a model')
  if (teacher !== null && (wordings > 1 || Object.keys(expert).length > 0)) throw bad(`${name} says what an expert shows, and the teacher is a model`, 'the expert as the teacher')
}
