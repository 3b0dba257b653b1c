// What a filter is: a row that looks at the trajectories still there and says which it rejects, and why.
import type { Agreement, CurationFilterName, CurationSettings, ProposedLabel } from '../../../shared/records/curation.ts'
import type { ReviewState, StepLabel } from '../../../shared/records/correction.ts'
import type { Span } from '../../../shared/records/span.ts'
import type { Task } from '../../../shared/records/task.ts'
import type { Trajectory } from '../../../shared/records/trajectory.ts'

/** A trajectory as corrected, with its marks. */
export type Candidate = {
  readonly task: Task
  readonly trajectory: Trajectory
  readonly spans: readonly (readonly Span[])[]
  readonly labels: ReadonlyMap<number, StepLabel>
  readonly review: ReviewState
  readonly tags: readonly string[]
}

/** `reason` groups and is counted; `detail` is of this trajectory alone. */
export type Finding = { readonly id: string; readonly reason: string; readonly detail: string }

export type FilterResult = {
  readonly rejected: readonly Finding[]
  /** Noted, and kept. */
  readonly flagged?: readonly Finding[]
  readonly notes?: readonly string[]
  readonly labels?: readonly ProposedLabel[]
  readonly agreement?: Agreement
}

/**
 * `generated`: its questions are made of a small stock of words, so that short runs of them occur by chance.
 * `stock`: other questions of the same making, for a set too small to show what is wording of all of them. `likeness`: questions are
 * compared by this, and not by their words; null for other texts.
 */
export type EvaluationSet = { readonly name: string; readonly questions: readonly string[]; readonly generated?: boolean; readonly stock?: readonly string[]; readonly likeness?: { readonly what: string; readonly of: (question: string) => string | null } }

/** Port: a student's tokenizer and template, and how likely it finds a trajectory. */
export type StudentPort = {
  readonly name: string
  /** Tokens it was trained with. */
  readonly context: number
  /** Tokens of the longest example that the trajectory makes, or why the student's template takes none of it. */
  tokens(candidate: Candidate): { readonly tokens: number } | { readonly refused: string }
  /** Turn-macro NLL by trajectory id, in nats a token; without those that cannot be scored. */
  losses(candidates: readonly Candidate[], onProgress: (done: number, total: number) => void): Promise<ReadonlyMap<string, number>>
}

/** `unasked`: it was never asked, since its budget was reached, or since only its cost is reckoned. */
export type JudgeAnswer = { readonly text: string } | { readonly problem: string; readonly unasked?: true }

/** Port: a model that judges. One answer for each prompt, in their order: its text, or why there is none. */
export type JudgePort = {
  readonly name: string
  ask(prompts: readonly string[], onProgress: (done: number, total: number) => void): Promise<JudgeAnswer[]>
}

/** What filters ask of the world. What is not there is null or empty, and the filters that need it say so. */
export type CurationWorld = {
  readonly student: StudentPort | null
  readonly judge: JudgePort | null
  readonly evaluations: readonly EvaluationSet[]
  /** Right answers by task id. */
  readonly answers: ReadonlyMap<string, readonly string[]>
  /** How an answer agrees with a right one: word for word, or as mathematics; null: it does not. */
  sameAnswer(found: string, right: string): 'exact' | 'maths' | null
  /** Scores of 1 to 5 that a person gave, by trajectory id. */
  readonly scores: ReadonlyMap<string, number>
}

export type FilterContext<Name extends CurationFilterName = CurationFilterName> = {
  readonly settings: CurationSettings[Name]
  readonly world: CurationWorld
  /** To be called once an item: lets others work now and then, tells progress, throws when the work is to stop. */
  readonly pace: (done: number, total: number) => Promise<void>
  readonly onProgress: (done: number, total: number) => void
}

export type Filter<Name extends CurationFilterName> = {
  /** Why it cannot run in this world with these settings; null: it can. */
  readonly lacks: (settings: CurationSettings[Name], world: CurationWorld) => string | null
  readonly run: (candidates: readonly Candidate[], context: FilterContext<Name>) => Promise<FilterResult>
}

export const idOf = ({ trajectory }: Candidate): string => trajectory.id

/** A filter that looks at one trajectory after the other; the first finding of each rejects it. */
export async function rejectEach<Name extends CurationFilterName>(
  candidates: readonly Candidate[],
  context: FilterContext<Name>,
  look: (candidate: Candidate) => Omit<Finding, 'id'> | null,
): Promise<Finding[]> {
  const rejected: Finding[] = []
  for (const [index, candidate] of candidates.entries()) {
    await context.pace(index, candidates.length)
    const found = look(candidate)
    if (found) rejected.push({ id: idOf(candidate), ...found })
  }
  return rejected
}

export const ALWAYS = (): null => null
