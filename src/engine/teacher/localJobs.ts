// Which tokens of a local teacher stand for which of the student's, over a trajectory as each writes it by its own template.
import { basename } from 'node:path'
import { maskIfPossible, RECIPES, teacherPlaces, type TeacherPlace } from '../../core/pipeline/training/index.ts'
import type { TopkMeta } from '../../core/formats/topk/index.ts'
import type { Shown } from '../../shared/contract/teaching.ts'
import type { MaskedExample } from '../../shared/records/example.ts'
import type { Span } from '../../shared/records/span.ts'
import type { Trajectory } from '../../shared/records/trajectory.ts'
import { sha256File } from '../files/index.ts'
import type { Student } from '../llama/index.ts'
import { fingerprintOf, mapTokens, type TokenMap } from './tokens.ts'

/** Of the student no more is asked. */
export type Side = Pick<Student, 'template' | 'tokenizer'>

/** Either may be open without weights. */
export type Sides = { readonly student: Side; readonly teacher: Student; /** null: both have the same tokens. */ readonly tokens: TokenMap | null; /** Of the student's tokens. */ readonly fingerprint: string }

export function sidesOf(student: Side, teacher: Student): Sides {
  const fingerprint = fingerprintOf(student.tokenizer)
  return { student, teacher, fingerprint, tokens: fingerprintOf(teacher.tokenizer) === fingerprint ? null : mapTokens(teacher.tokenizer, student.tokenizer) }
}

/** In words, behind the teacher's name. */
export const SHOWN: Readonly<Record<Shown, string>> = { student: "the student's messages", answer: "the student's messages and the recorded answer" }

/** What is known of the distributions without reading the teacher's file whole: its sha256 is null. */
export function describedMeta({ student, teacher: { path }, tokens, fingerprint }: Sides, context: Shown): TopkMeta {
  const name = basename(path)
  return {
    label: `${name}, shown ${SHOWN[context]}`,
    teacher: { name, sha256: null },
    context,
    student: { vocabulary: student.tokenizer.vocabularySize, fingerprint },
    overlap: tokens && tokens.overlap,
  }
}

/** The same with the sha256 of the teacher's file. */
export async function withContent(meta: TopkMeta, path: string): Promise<TopkMeta> {
  return { ...meta, teacher: { ...meta.teacher, sha256: await sha256File(path) } }
}

export const localMeta = (sides: Sides, context: Shown): Promise<TopkMeta> => withContent(describedMeta(sides, context), sides.teacher.path)

/** What a trajectory is to a teacher. */
export type Told = { readonly trajectory: Trajectory; readonly spans: readonly (readonly Span[])[] }

/** An example of the student with the teacher's tokens that its own are compared with. */
export type LocalJob = { readonly example: MaskedExample; readonly theirs: readonly number[]; readonly places: readonly TeacherPlace[]; readonly missed: number }

/** All of the agent's tokens, whatever a recipe makes of them. */
export function localJobs(told: Told, { student, teacher }: Sides, context: Shown): { jobs: LocalJob[]; reason: string | null } {
  const mask = ({ template, tokenizer }: Side, trajectory: Trajectory) =>
    maskIfPossible({ trajectory, spans: told.spans, recipe: RECIPES.sft, template, tokenizer })
  const own = mask(student, told.trajectory)
  if (own.refused !== null) return { jobs: [], reason: own.refused }
  const other = mask(teacher, shownTo(told, context))
  if (other.refused !== null) return { jobs: [], reason: `for the teacher: ${other.refused}` }
  const jobs = own.examples.flatMap(({ example }) => {
    const found = other.examples.flatMap(({ example: theirs }): Omit<LocalJob, 'missed'>[] => {
      const places = teacherPlaces({ example, tokenizer: student.tokenizer }, { example: theirs, tokenizer: teacher.tokenizer })
      // Where a template makes one example a turn, the others train other turns.
      return places.length === 0 ? [] : [{ example, theirs: theirs.ids, places }]
    })
    const missed = example.ce.filter((weight) => weight > 0).length - found.reduce((sum, { places }) => sum + places.length, 0)
    return found.length === 0 ? [{ example, theirs: [], places: [], missed }] : found.map((job, i) => ({ ...job, missed: i === 0 ? missed : 0 }))
  })
  return { jobs, reason: null }
}

/** The trajectory as the teacher sees it. `answer`: what the run ends with is told beforehand, where it is not the agent who speaks. */
export function shownTo({ trajectory, spans }: Told, context: Shown): Trajectory {
  if (context === 'student') return trajectory
  const answers = trajectory.turns.flatMap(({ text }, turn) => (spans[turn] ?? []).flatMap((span) => (span.kind === 'final' ? [text.slice(span.start, span.end)] : [])))
  const answer = answers.at(-1)?.trim()
  const [first, ...rest] = trajectory.turns
  if (!first || answer === undefined || first.role === 'agent') return trajectory
  return { ...trajectory, turns: [{ ...first, text: `${first.text}\n\n(Known to you beforehand, so that you can judge each step: the run ends with ${answer})` }, ...rest] }
}
