// A local teacher reads the recorded trajectories: its distribution over each token of the agent goes into the file.
import { basename } from 'node:path'
import { RECIPES, maskIfPossible, teacherPlaces, type TeacherPlace } from '../../core/pipeline/training/index.ts'
import type { TopkMeta } from '../../core/formats/topk/index.ts'
import type { TeacherRow } from '../../core/ports/index.ts'
import type { Left } from '../../shared/contract/training.ts'
import type { TeacherReport } from '../../shared/contract/teaching.ts'
import type { MaskedExample } from '../../shared/records/example.ts'
import type { Trajectory } from '../../shared/records/trajectory.ts'
import { sha256File } from '../files/index.ts'
import { openScorer, openStudent, type Scorer, type Student } from '../llama/index.ts'
import { getTrajectory, listTrajectories, type CorrectedTrajectory, type Project } from '../project/index.ts'
import { exampleKey, openTeacherWriter } from './store.ts'
import { fingerprintOf, mapTokens, type TokenMap } from './tokens.ts'

export type TeachRequest = {
  readonly project: Project
  /** GGUF files. */
  readonly teacher: string
  readonly student: string
  readonly path: string
  readonly k: number
  /** `answer`: the teacher, not the student, is told which answer the run ends with. */
  readonly context: TopkMeta['context']
  readonly onProgress: (done: number, total: number) => void
  readonly signal: AbortSignal
}

const SHOWN: Readonly<Record<TopkMeta['context'], string>> = { student: "the student's messages", answer: "the student's messages and the recorded answer" }

/** Goes on where it was stopped: what the file holds is not scored again. Throws RetortError for models that cannot be used. */
export async function scoreTeacher(request: TeachRequest): Promise<TeacherReport> {
  const { signal, k, path } = request
  const student = await openStudent({ path: request.student, weights: 'none', signal })
  try {
    const teacher = await openStudent({ path: request.teacher, weights: 'loaded', signal })
    try {
      return await scoreAll(request, { student, teacher, tokens: tokensOf(teacher, student) })
    } finally {
      await teacher.dispose()
    }
  } finally {
    await student.dispose()
  }

  async function scoreAll({ project, context, onProgress }: TeachRequest, sides: Sides): Promise<TeacherReport> {
    const meta = await metaOf(request, sides)
    const writer = openTeacherWriter(path, { k, meta, shared: sides.tokens?.shared ?? null })
    const left: Left[] = []
    const totals = { tokens: 0, of: 0, mass: 0, rows: 0 }
    let scorer: Scorer | null = null
    try {
      const all = listTrajectories(project)
      for (const [index, { id }] of all.entries()) {
        signal.throwIfAborted()
        onProgress(index, all.length)
        const { jobs, reason } = jobsOf(getTrajectory(project, id), { ...sides, context })
        if (reason !== null) left.push({ trajectoryId: id, reason, why: 'refused' })
        for (const { example, theirs, places, missed } of jobs) {
          totals.of += places.length + missed
          const key = exampleKey(example.ids)
          const done = writer.done.get(key)
          const wanted = places.filter((place) => !done?.has(place.student))
          totals.tokens += places.length
          if (wanted.length === 0) continue
          if (theirs.length > sides.teacher.trainedContext) {
            totals.tokens -= wanted.length
            left.push({ trajectoryId: id, reason: `${theirs.length} tokens for the teacher, whose context holds ${sides.teacher.trainedContext}`, why: 'too-long' })
            continue
          }
          if (!scorer || scorer.context < theirs.length) {
            await scorer?.dispose()
            scorer = await openScorer({ student: sides.teacher, context: Math.min(sides.teacher.trainedContext, Math.max(2 * theirs.length, 1024)), signal })
          }
          const top = await scorer.top(theirs, { targets: new Set(wanted.map((place) => place.teacher)), k, signal })
          const rows = new Map(wanted.map((place) => [place.student, inStudentTokens(top.get(place.teacher) as TeacherRow, sides.tokens)]))
          for (const { logProbs } of rows.values()) totals.mass += Array.from(logProbs).reduce((sum, one) => sum + Math.exp(one), 0)
          totals.rows += rows.size
          writer.append(key, rows)
        }
      }
      onProgress(all.length, all.length)
    } finally {
      writer.close()
      await scorer?.dispose()
    }
    const { tokens, of, mass, rows } = totals
    return { path, label: meta.label, k, tokens, of, scored: rows, mass: rows === 0 ? null : mass / rows, overlap: meta.overlap, bytesPerToken: 8 * k + 4, left }
  }
}

type Sides = { readonly student: Student; readonly teacher: Student; /** null: both have the same tokens. */ readonly tokens: TokenMap | null }

const tokensOf = (teacher: Student, student: Student): TokenMap | null =>
  fingerprintOf(teacher.tokenizer) === fingerprintOf(student.tokenizer) ? null : mapTokens(teacher.tokenizer, student.tokenizer)

async function metaOf({ teacher, context }: TeachRequest, { student, tokens }: Sides): Promise<TopkMeta> {
  const name = basename(teacher)
  return {
    label: `${name}, shown ${SHOWN[context]}`,
    teacher: { name, sha256: await sha256File(teacher) },
    context,
    student: { vocabulary: student.tokenizer.vocabularySize, fingerprint: fingerprintOf(student.tokenizer) },
    overlap: tokens && tokens.overlap,
  }
}

type Job = { readonly example: MaskedExample; readonly theirs: readonly number[]; readonly places: readonly TeacherPlace[]; readonly missed: number }

/** The student's examples of a trajectory, each with the teacher's tokens that its own are compared with. */
function jobsOf(corrected: CorrectedTrajectory, { student, teacher, context }: Sides & Pick<TeachRequest, 'context'>): { jobs: Job[]; reason: string | null } {
  const mask = ({ template, tokenizer }: Student, trajectory: Trajectory) =>
    maskIfPossible({ trajectory, spans: corrected.spans, recipe: RECIPES.sft, template, tokenizer })
  const own = mask(student, corrected.trajectory)
  if (own.refused !== null) return { jobs: [], reason: own.refused }
  const other = mask(teacher, context === 'answer' ? withAnswer(corrected) : corrected.trajectory)
  if (other.refused !== null) return { jobs: [], reason: `for the teacher: ${other.refused}` }
  const jobs = own.examples.flatMap(({ example }) => {
    const found = other.examples.flatMap(({ example: theirs }): Omit<Job, 'missed'>[] => {
      const places = teacherPlaces({ example, tokenizer: student.tokenizer }, { example: theirs, tokenizer: teacher.tokenizer })
      // Where a template makes one example a turn, the others train other turns.
      return places.length === 0 ? [] : [{ example, theirs: theirs.ids, places }]
    })
    const missed = example.ce.filter((weight) => weight > 0).length - found.reduce((sum, { places }) => sum + places.length, 0)
    return found.length === 0 ? [{ example, theirs: [], places: [], missed }] : found.map((job, i) => ({ ...job, missed: i === 0 ? missed : 0 }))
  })
  return { jobs, reason: null }
}

/** What the run ends with, told beforehand where it is not the agent who speaks. */
function withAnswer({ trajectory, spans }: CorrectedTrajectory): Trajectory {
  const answers = trajectory.turns.flatMap(({ text }, turn) => (spans[turn] ?? []).flatMap((span) => (span.kind === 'final' ? [text.slice(span.start, span.end)] : [])))
  const answer = answers.at(-1)?.trim()
  const [first, ...rest] = trajectory.turns
  if (!first || answer === undefined || first.role === 'agent') return trajectory
  return { ...trajectory, turns: [{ ...first, text: `${first.text}\n\n(Known to you beforehand, so that you can judge each step: the run ends with ${answer})` }, ...rest] }
}

/** A row by the student's ids: what several of the teacher's tokens mean together is summed. */
function inStudentTokens(row: TeacherRow, tokens: TokenMap | null): TeacherRow {
  if (!tokens) return row
  const mass = new Map<number, number>()
  const unknown: number[] = []
  for (let i = 0; i < row.ids.length; i++) {
    const id = tokens.toStudent[row.ids[i] as number] ?? -1
    const probability = Math.exp(row.logProbs[i] as number)
    if (id < 0) unknown.push(probability)
    else mass.set(id, (mass.get(id) ?? 0) + probability)
  }
  const all = [...mass, ...unknown.map((probability) => [-1, probability] as const)].sort((a, b) => b[1] - a[1])
  return { ids: all.map(([id]) => id), logProbs: all.map(([, probability]) => Math.log(probability)) }
}
