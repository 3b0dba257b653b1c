// A curation: which trajectories are worth training on, by filters in an order, each rejection with its filter and reason.
import { z } from 'zod'
import { retortErrorSchema } from '../contract/error.ts'
import { stepLabelSchema } from './correction.ts'
import { budgetSchema, usageSchema } from './rollout.ts'

/** The filters by their numbers in methods.md 7: 1 schema ... 12 mixture. */
export const curationFilterSchema = z.enum([
  'schema', 'rejects', 'outcome', 'critic', 'loops', 'length', 'duplicates', 'capacity', 'judge', 'contamination', 'secrets', 'mixture',
])
export type CurationFilterName = z.infer<typeof curationFilterSchema>

/**
 * Cheapest first: what reads text comes before what runs a model, so the two that compare texts (10, 11) stand before the two that
 * ask a model (8, 9); the mixture draws from what all of them leave.
 */
const USUAL_ORDER = [
  'schema', 'rejects', 'outcome', 'critic', 'loops', 'length', 'duplicates', 'contamination', 'secrets', 'capacity', 'judge', 'mixture',
] as const satisfies readonly CurationFilterName[]

export const secretKindSchema = z.enum(['key', 'private-key', 'card', 'card-form', 'email', 'phone', 'ip', 'home-path'])
export type SecretKind = z.infer<typeof secretKindSchema>

const share = z.number().min(0).max(1)
const shares = z.record(z.string(), share).refine((own) => Object.keys(own).length === 0 || Object.values(own).some((one) => one > 0), {
  error: 'at least one share must be above 0',
})
const secretKinds = z.array(secretKindSchema)

export const curationSettingsSchema = z.strictObject({
  /** The filters that run, in this order; those left out are off. */
  order: z
    .array(curationFilterSchema)
    .refine((names) => new Set(names).size === names.length, { error: 'each filter at most once' })
    .default([...USUAL_ORDER]),
  schema: z
    .strictObject({
      /** The last turn must hold a final answer, unless the environment itself ended a successful episode. */
      answer: z.boolean().default(true),
    })
    .prefault({}),
  rejects: z
    .strictObject({
      /** Observations that say that a turn could not be read. */
      parse: z.boolean().default(true),
      /** Outcomes and observations that say that a limit was hit. */
      limit: z.boolean().default(true),
      /** Agent turns at most; null: any number. */
      steps: z.int().min(1).nullable().default(null),
    })
    .prefault({}),
  outcome: z
    .strictObject({
      /** What becomes of a trajectory whose outcome nobody knows; `judge` asks the judge whether the answer is right. */
      unknown: z.enum(['keep', 'reject', 'judge']).default('keep'),
      /** The least reward that counts as right where the source gives a number but no verdict; null: such a number decides nothing. */
      reward: z.number().nullable().default(null),
    })
    .prefault({}),
  critic: z
    .strictObject({
      /** `recovered`: a mistake is kept where a later step is labelled `recover` or `good`. */
      mistakes: z.enum(['allow', 'recovered', 'reject']).default('recovered'),
      /** The largest share of labelled steps that may be unnecessary. */
      unnecessary: share.default(0.5),
      /** Ask the judge for labels of trajectories that have none. */
      ask: z.boolean().default(false),
    })
    .prefault({}),
  loops: z
    .strictObject({
      /** A call counts as repeated when it equals one made at most so many steps before, and is answered the same. */
      window: z.int().min(1).default(3),
      /** Repetitions that are too many. */
      repeats: z.int().min(1).default(1),
    })
    .prefault({}),
  length: z
    .strictObject({
      /** Tokens of the student's context; null: those it was trained with. */
      context: z.int().min(1).nullable().default(null),
    })
    .prefault({}),
  duplicates: z
    .strictObject({
      /** Jaccard similarity of the sets of word n-grams from which on two are the same. */
      similarity: z.number().min(0.5).max(1).default(0.8),
      words: z.int().min(1).max(20).default(5),
    })
    .prefault({}),
  capacity: z
    .strictObject({
      /** Samples of a task (or of a task by one method) to keep: those that the student finds likeliest. */
      keep: z.int().min(1).default(1),
      per: z.enum(['task', 'method']).default('task'),
      /** Turn-macro NLL at most, in nats a token; null: any, and only tasks with several samples are scored. */
      most: z.number().positive().nullable().default(null),
    })
    .prefault({}),
  judge: z
    .strictObject({
      /** The least score of 1 to 5 that is kept. */
      least: z.int().min(1).max(5).default(3),
      /** Take the threshold of the judge that agrees best with the labels by hand, from 10 of them on. */
      calibrate: z.boolean().default(true),
    })
    .prefault({}),
  contamination: z
    .strictObject({
      /** Words of an overlap; `short` in sets of short questions (median below 25 words). */
      words: z.int().min(4).max(50).default(13),
      short: z.int().min(4).max(50).default(8),
      /** `own`: the question and the agent's words; `all`: what the environment said, too. */
      scope: z.enum(['own', 'all']).default('own'),
      /** Of each suite's held-out and out-of-domain tasks, so many from the first on; 0: none. */
      suiteTasks: z.int().min(0).max(10_000).default(200),
    })
    .prefault({}),
  secrets: z
    .strictObject({
      reject: secretKinds.default(['key', 'private-key', 'card']),
      /** Noted, and kept. */
      flag: secretKinds.default(['card-form', 'email', 'phone', 'ip', 'home-path']),
    })
    .prefault({}),
  mixture: z
    .strictObject({
      /** Trajectories of a task at most; null: any number. */
      perTask: z.int().min(1).nullable().default(null),
      /** Shares of what is kept, by method (react, cot, act, reflexion) and by file; methods or files not named are not kept. Empty: as they come. */
      methods: shares.default({}),
      sources: shares.default({}),
      /** All together at most; null: any number. */
      most: z.int().min(1).nullable().default(null),
      seed: z.int().min(0).max(0xffffffff).default(0),
    })
    .prefault({}),
})
export type CurationSettings = z.infer<typeof curationSettingsSchema>
export type CurationSettingsInput = z.input<typeof curationSettingsSchema>

/** Whether any of the filters has a judge to ask. */
export const asksJudge = ({ order, outcome, critic }: Pick<CurationSettings, 'order' | 'outcome' | 'critic'>): boolean =>
  order.includes('judge') || (order.includes('outcome') && outcome.unknown === 'judge') || (order.includes('critic') && critic.ask)

/** How the agent went about it: as plans' `method`, and `reflexion`: it looks back on a failed try in a thought. */
export const curationMethodSchema = z.enum(['react', 'cot', 'act', 'reflexion'])
export type CurationMethod = z.infer<typeof curationMethodSchema>

/** `reason` groups (it is counted); `detail` is of this trajectory alone, and never holds a secret. */
export const curationVerdictSchema = z.object({ id: z.string(), filter: curationFilterSchema, reason: z.string(), detail: z.string() })
export type CurationVerdict = z.infer<typeof curationVerdictSchema>

const counted = z.object({ reason: z.string(), count: z.int(), /** The first of them. */ examples: z.array(z.string()) })
export type CountedReason = z.infer<typeof counted>

/** A judge's scores against labels by hand. Rows of `confusion`: the hand's 1 to 5; columns: the judge's. */
export const agreementSchema = z.object({
  labelled: z.int(),
  /** Same score. */
  exact: z.number(),
  /** Cohen's kappa over the five scores, plain and with quadratic weights; null: one of the two gave everything the same score. */
  kappa: z.number().nullable(),
  weightedKappa: z.number().nullable(),
  /** Keep or reject: kappa at the threshold used. */
  binaryKappa: z.number().nullable(),
  threshold: z.int(),
  confusion: z.array(z.array(z.int())),
})
export type Agreement = z.infer<typeof agreementSchema>

export const funnelRowSchema = z.object({
  filter: curationFilterSchema,
  /** Why it did not run; null: it ran. */
  skipped: z.string().nullable(),
  in: z.int(),
  out: z.int(),
  seconds: z.number(),
  /** Of those rejected, the most frequent first. */
  reasons: z.array(counted),
  /** Kept, and noted. */
  flagged: z.array(counted),
  /** What else is to be known: what was not compared, not judged, how the rest is composed. */
  notes: z.array(z.string()),
})
export type FunnelRow = z.infer<typeof funnelRowSchema>

export const proposedLabelSchema = z.object({ id: z.string(), turn: z.int(), label: stepLabelSchema })
export type ProposedLabel = z.infer<typeof proposedLabelSchema>

/** What the judge of a curation was asked, and what it took. */
export const judgingSchema = z.object({
  /** Questions with an answer, from the journal or asked; with none that came; never asked. */
  answered: z.int(),
  failed: z.int(),
  unasked: z.int(),
  /** Why it was asked no more: its budget is reached; null: it was asked all. */
  stopped: retortErrorSchema.nullable(),
  /** Of this curation. `replayed`: answers that were there, and are not paid for again. */
  usage: usageSchema,
  /** Of all curations of the project with this judge, which its budget counts. */
  total: usageSchema,
  budget: budgetSchema,
})
export type Judging = z.infer<typeof judgingSchema>

export const curationSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  /** ISO 8601. */
  at: z.string(),
  settings: curationSettingsSchema,
  student: z.string().nullable(),
  judge: z.string().nullable(),
  /** null: nobody judged, or nobody counted. */
  judging: judgingSchema.nullable().default(null),
  evaluations: z.array(z.object({ name: z.string(), questions: z.int() })),
  /** Trajectories of the project; of those, rejected by a person: they are not looked at. */
  trajectories: z.int(),
  setAside: z.int(),
  kept: z.int(),
  rows: z.array(funnelRowSchema),
  agreement: agreementSchema.nullable(),
  rejected: z.array(curationVerdictSchema),
  flagged: z.array(curationVerdictSchema),
  /** Step labels that the judge gave where there were none. */
  labels: z.array(proposedLabelSchema),
  /** The newest change of the project when its trajectories were read. */
  stamp: z.int(),
})
export type Curation = z.infer<typeof curationSchema>
