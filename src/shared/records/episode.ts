// An episode: one run of an agent at a task, as the events of its log. The log is the trajectory; core/agent folds it.
import { z } from 'zod'
import { retortErrorSchema } from '../contract/error.ts'
import { outcomeSchema, toolSchema, turnSchema } from './trajectory.ts'

/** How an agent writes its calls: `Action: name[argument]`, code in a fenced block, or the model's own structured calls. */
export const agentStyleSchema = z.enum(['react', 'code', 'native'])
export type AgentStyleName = z.infer<typeof agentStyleSchema>

/** What an episode may use up. What is reached ends the episode, or the part of it, and is said. */
export const agentLimitsSchema = z.object({
  /** Turns of the agent. */
  steps: z.int().min(1),
  /** Wall time of the whole episode. */
  seconds: z.number().positive(),
  /** Of one turn of the agent. */
  turnTokens: z.int().min(1),
  /** Of one turn of the agent, for models that count no tokens or disregard the limit. */
  turnCharacters: z.int().min(1),
  /** Calls of one turn; the others are answered with an observation that says so. */
  calls: z.int().min(1),
  /** Of one call. */
  callSeconds: z.number().positive(),
  /** Of one observation; what is left out is counted in it. */
  observationCharacters: z.int().min(1),
  /** Steps in a row that call the same and see the same; absent: as many as there are steps. */
  repeats: z.int().min(2).optional(),
  /** Turns in a row that say nothing, or think alone; absent: as many as there are steps. */
  blanks: z.int().min(1).optional(),
})
export type AgentLimits = z.infer<typeof agentLimitsSchema>

/** The limit of repeats as it is asked for: 0 is none; absent, it is the usual one. */
export const wantedRepeatsSchema = z.union([z.literal(0), z.int().min(2).max(1000)], { error: 'expected 0 for no limit, or from 2 to 1000' })
/** Where nobody says otherwise, in evaluations and in teaching. */
export const USUAL_REPEATS = 5

/** How the model draws; each step has the seed `seed` + its number. */
export const agentSamplingSchema = z.object({
  /** 0 takes the likeliest token. */
  temperature: z.number().min(0).max(4),
  topP: z.number().min(0.01).max(1),
  seed: z.int().min(0).max(0xffffffff),
})
export type AgentSampling = z.infer<typeof agentSamplingSchema>

/** Why an agent's turn ended: by the model; cut at a stop sequence; or one of the limits; `broken`: with an error half-way. */
export const turnEndSchema = z.enum(['stop', 'cut', 'length', 'context', 'characters', 'time', 'aborted', 'broken'])
export type TurnEnd = z.infer<typeof turnEndSchema>

/** `failed`: the tool could not do it; `not-run`: over the limit of calls; `not-parsed`: the turn holds no call that can be read. */
export const callStatusSchema = z.enum(['ok', 'failed', 'timed-out', 'unknown-tool', 'bad-arguments', 'not-run', 'not-parsed'])
export type CallStatus = z.infer<typeof callStatusSchema>

export const episodeEndSchema = z.enum([
  /** The agent handed in its answer. */
  'answer',
  /** A tool ended it: the goal is reached, or out of reach. */
  'environment',
  'steps',
  /** The same call, and the same seen after it, again and again; or nothing said, time after time. */
  'repeats',
  'time',
  /** The conversation has no room left in the model's context. */
  'context',
  'aborted',
  'model-failed',
])
export type EpisodeEnd = z.infer<typeof episodeEndSchema>

/** Time and tokens are measured; all else of an event follows from the model's and the tools' answers. */
const measuredSchema = { seconds: z.number().min(0) }

export const agentEventSchema = z.discriminatedUnion('type', [
  /** The first. `turns`: what the agent is given before it begins; `tools`: those at hand. */
  z.object({
    type: z.literal('start'),
    model: z.string(),
    style: agentStyleSchema,
    tools: z.array(toolSchema),
    turns: z.array(turnSchema),
    sampling: agentSamplingSchema,
    limits: agentLimitsSchema,
  }),
  /** The model is asked for its turn; steps count from 0. */
  z.object({ type: z.literal('step'), step: z.int() }),
  /** What it writes, as it comes; the turn follows whole. Not part of the trajectory. */
  z.object({ type: z.literal('text'), text: z.string() }),
  /** Thinking that comes in a stream of its own. Likewise. */
  z.object({ type: z.literal('reasoning'), text: z.string() }),
  /** What the model's server does not do as asked. */
  z.object({ type: z.literal('notice'), text: z.string() }),
  /**
   * The turn that follows was chosen by a vote. `outcome` of a candidate: what its calls, or its answer, came to in a copy of the
   * tools' state, by which votes are counted; null where it is left out, `problem` says why. `taken`: number of the candidate that
   * became the turn. `runs`: calls that ran, of `calls` that were written; `tokens`: of all candidates. Not part of the trajectory.
   */
  z.object({
    type: z.literal('vote'),
    step: z.int(),
    taken: z.int().min(0),
    candidates: z.array(
      z.object({ text: z.string(), end: turnEndSchema, outcome: z.string().nullable(), problem: z.string().nullable(), votes: z.int(), tokens: z.int().nullable() }),
    ),
    runs: z.int(),
    calls: z.int(),
    tokens: z.int().nullable(),
    ...measuredSchema,
  }),
  /** The agent's turn. `stop`: the sequence at which it was cut. Tokens: null where the model does not say. */
  z.object({
    type: z.literal('agent'),
    step: z.int(),
    turn: turnSchema,
    end: turnEndSchema,
    stop: z.string().nullable(),
    tokens: z.int().nullable(),
    promptTokens: z.int().nullable(),
    ...measuredSchema,
  }),
  /** A call is about to run. `arguments`: canonical JSON. */
  z.object({ type: z.literal('call'), step: z.int(), call: z.int(), name: z.string(), arguments: z.string() }),
  /**
   * What the environment answers: to call number `call` of the step, null to the turn as a whole (it could not be read).
   * `name` and `arguments` as far as they could be told. `text`: what the tool said, of which `omitted` characters are left
   * out; `turn`: the same as the agent is told it. `value`: what the tool gives for comparing outcomes, when not its text.
   * `ends`: it ends the episode, with this answer.
   */
  z.object({
    type: z.literal('observation'),
    step: z.int(),
    call: z.int().nullable(),
    name: z.string().nullable(),
    arguments: z.string().nullable(),
    status: callStatusSchema,
    text: z.string(),
    omitted: z.int().min(0),
    value: z.string().nullable(),
    ends: z.object({ answer: z.string().nullable() }).nullable(),
    turn: turnSchema,
    ...measuredSchema,
  }),
  /** The last event of the loop. `answer`: as handed in. */
  z.object({
    type: z.literal('end'),
    reason: episodeEndSchema,
    answer: z.string().nullable(),
    error: retortErrorSchema.nullable(),
    steps: z.int(),
    calls: z.int(),
    /** Written by the model; null where it has not said it of every turn. */
    tokens: z.int().nullable(),
    ...measuredSchema,
  }),
  /** Added by whoever scores the episode. */
  z.object({ type: z.literal('outcome'), outcome: outcomeSchema }),
])
export type AgentEvent = z.infer<typeof agentEventSchema>
export type EventOf<Type extends AgentEvent['type']> = Extract<AgentEvent, { type: Type }>
