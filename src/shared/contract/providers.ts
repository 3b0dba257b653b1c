// Surface: where training can run on this machine (`retort providers`, `retort doctor`, Settings).
import { z } from 'zod'
import { computeSchema, providerNameSchema } from '../records/provider.ts'

/**
 * 'elsewhere': not on this platform. 'missing': something of the machine or the installation. 'failed': it ended in an error
 * or its process died. 'wrong': its numbers are not those of the cpu. 'slower': right, and slower than the cpu.
 */
export const providerStateSchema = z.enum(['works', 'slower', 'wrong', 'failed', 'missing', 'elsewhere'])
export type ProviderState = z.infer<typeof providerStateSchema>

/** Largest relative differences to the cpu: of the loss, and of an adapter's gradient (norm of the difference / norm). */
export const agreementSchema = z.object({
  loss: z.number(),
  gradient: z.number(),
  /** The matrix with that gradient. */
  worst: z.string(),
  tolerance: z.object({ loss: z.number(), gradient: z.number() }),
})
export type Agreement = z.infer<typeof agreementSchema>

/** Nodes of the training graph that ran on the cpu instead, by operator. */
export const onCpuSchema = z.array(z.object({ op: z.string(), nodes: z.int() }))
export type OnCpu = z.infer<typeof onCpuSchema>

/** What a run may ask of a provider beside plain training of an adapter: each is tested, and a provider may lack one and not another. */
export const trainingFeatureSchema = z.enum(['distributions', 'dropout', 'recompute', 'full'])
export type TrainingFeature = z.infer<typeof trainingFeatureSchema>

export const TRAINING_FEATURES: { readonly [Feature in TrainingFeature]: string } = {
  distributions: 'losses against distributions (--teacher, --stay-close)',
  dropout: 'dropout (--dropout)',
  recompute: 'recomputation (--recompute)',
  full: 'training all weights',
}

export const lackSchema = z.object({ feature: trainingFeatureSchema, reason: z.string() })
export type Lack = z.infer<typeof lackSchema>

export const providerStatusSchema = z.object({
  name: providerNameSchema,
  label: z.string(),
  compute: computeSchema,
  state: providerStateSchema,
  /** Why it is not used; null for one that works. */
  reason: z.string().nullable(),
  /** What would make it work; null where nothing is to be done. */
  enable: z.string().nullable(),
  agreement: agreementSchema.nullable(),
  /** Whole training steps at the shapes of a 135M student, four blocks, 256 tokens; null when not measured. */
  tokensPerSecond: z.number().nullable(),
  onCpu: onCpuSchema,
  /** What does not work on a provider that is right otherwise: a run that needs it goes elsewhere. */
  lacks: z.array(lackSchema),
  /** ISO 8601; null: nothing was run. */
  testedAt: z.string().nullable(),
})
export type ProviderStatus = z.infer<typeof providerStatusSchema>

/** What can be fetched for a provider, and what of it is there. */
export const installableSchema = z.object({
  name: z.literal('cuda'),
  state: z.enum(['elsewhere', 'absent', 'partly', 'installed']),
  folder: z.string(),
  /** To download, of it already downloaded, and on the disk when installed. */
  bytes: z.object({ download: z.int(), downloaded: z.int(), installed: z.int() }),
  parts: z.array(z.object({ name: z.string(), bytes: z.int(), licence: z.string(), url: z.string() })),
})
export type Installable = z.infer<typeof installableSchema>

export const providersReportSchema = z.object({
  /** What `auto` takes. */
  fastest: providerNameSchema,
  providers: z.array(providerStatusSchema),
  installable: installableSchema,
})
export type ProvidersReport = z.infer<typeof providersReportSchema>

export const installProgressSchema = z.object({
  phase: z.enum(['downloading', 'unpacking', 'done']),
  /** Of the part that is worked on. */
  part: z.string(),
  done: z.int(),
  total: z.int(),
})
export type InstallProgress = z.infer<typeof installProgressSchema>
