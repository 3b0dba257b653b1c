// What a ladder measures with, kept in it: rungs are comparable, whichever version of the program goes on with them.
import type { AgentLimits } from '../../shared/records/episode.ts'
import type { Prompting } from '../../shared/records/evaluation.ts'
import type { Ladder, LadderSpec } from '../../shared/records/ladder.ts'
import { ENDPOINT_TURN_TOKENS } from '../../shared/records/rollout.ts'
import { appVersion, defaultSettings, type SettingsInput } from '../training/index.ts'
import { evaluationLimits } from './spec.ts'

/** Of every rung, where neither its arm nor the ladder says otherwise: small steps and a falling rate, which few tokens need (docs/log.md). */
const SETTINGS: SettingsInput = {
  recipe: 'sft', rank: 16, alpha: 32, lr: 2e-3, schedule: 'linear', warmupSteps: 5, clipNorm: 1, weightDecay: 0, epochs: 1,
  batchTokens: 256, microTokens: 512, heldout: 0, tooLong: 'drop', checkpointEvery: 100,
}

type Limits = Partial<Record<Prompting, AgentLimits>>

/** With the agents' limits and the settings of training in full; one that has them stays as it is. `known`: limits that its rungs were evaluated with before they were kept. */
export function frozen(spec: LadderSpec, known: Limits = {}): LadderSpec {
  if (spec.limits !== undefined) return spec
  const limits = Object.fromEntries(spec.arms.map(({ prompting }) => [prompting, known[prompting] ?? evaluationLimits(spec.suite, prompting, spec)]))
  // A run that ends early evaluates by itself, unless it is said how often.
  const { heldoutEvery: _, ...usual } = defaultSettings()
  const given = Object.entries({ ...SETTINGS, ...spec.settings }).filter(([, value]) => value !== undefined)
  return { ...spec, limits, settings: { ...usual, ...Object.fromEntries(given) } }
}

/** Of a ladder that is being made, with the tokens of its teacher's turns: older ones have asked and paid with those of an evaluation, and stay so. */
export function withTeacherTurns(spec: LadderSpec): LadderSpec {
  const { suite, teacher, arms } = spec
  if (teacher === null || teacher.turnTokens !== undefined) return spec
  // Thinking that an endpoint does not show counts among its tokens: it has as many as in any other batch.
  const fewest = teacher.teacher.type === 'endpoint' ? ENDPOINT_TURN_TOKENS : 0
  const forms = arms.flatMap(({ train }) => (train === null ? [] : [train.data.form]))
  const turnTokens = Object.fromEntries(forms.map((form) => [form, Math.max(fewest, evaluationLimits(suite, form).turnTokens)]))
  return { ...spec, teacher: { ...teacher, turnTokens } }
}

/** Those that have worked at it, and this one. */
export function versionsWith({ versions, rungs }: Pick<Ladder, 'versions' | 'rungs'>): string[] {
  const begun = rungs.some(({ state }) => state !== 'waiting' && state !== 'not-applicable')
  const before = versions ?? (begun ? ['unknown'] : [])
  const now = appVersion()
  return before.at(-1) === now ? before : [...before, now]
}
