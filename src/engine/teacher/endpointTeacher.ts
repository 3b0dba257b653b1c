// A teacher behind an endpoint: it is sent what the agent wrote, and what it says of each token becomes rows by the student's ids.
import { maskIfPossible, plainMessages, RECIPES, spokenPlaces, spokenTokens, type MaskedRendering, type SpokenTurn } from '../../core/pipeline/training/index.ts'
import type { Asks, Shown } from '../../shared/contract/teaching.ts'
import { RetortError } from '../../shared/errors.ts'
import type { Trajectory } from '../../shared/records/trajectory.ts'
import type { Student } from '../llama/index.ts'
import { askPrompt, type Endpoint, type Patience, type Prompt, type PromptAsker, type PromptWay } from '../providers/index.ts'
import { SHOWN, shownTo, type Told } from './localJobs.ts'
import { createNames } from './spokenNames.ts'
import type { TeacherAnswer, TeacherJob, TeacherSource } from './source.ts'
import { fingerprintOf } from './tokens.ts'

export type EndpointTeacherInput = {
  readonly endpoint: Endpoint
  readonly model: string
  readonly asks: Asks
  readonly concurrency: number
  /** Open, also without weights. */
  readonly student: Student
  readonly context: Shown
  readonly k: number
  readonly patience?: Patience
  readonly onNotice: (text: string) => void
  readonly signal: AbortSignal
}

const TEMPLATES: Readonly<Record<PromptWay, string>> = { chat: 'by its own template', completions: "in the student's template" }

/** Throws RetortError `no-prompt-logprobs` for an endpoint that has none. */
export async function openEndpointTeacher(input: EndpointTeacherInput): Promise<TeacherSource> {
  const { endpoint, model, student, context, k, onNotice, patience, signal } = input
  const asker: PromptAsker = { endpoint, model, k, onNotice, ...(patience && { patience }) }
  const way = await chooseWay(asker, input.asks, signal)
  const names = createNames(student.tokenizer)
  return {
    meta: {
      label: `${model} at ${endpoint.baseUrl}, shown ${SHOWN[context]} ${TEMPLATES[way]}`,
      teacher: { name: `${model} at ${endpoint.baseUrl}`, sha256: null },
      context,
      student: { vocabulary: student.tokenizer.vocabularySize, fingerprint: fingerprintOf(student.tokenizer) },
      // What strings the teacher has is not known: what the student lacks is in the tail.
      overlap: null,
    },
    shared: null,
    concurrency: input.concurrency,
    once: true,
    jobs(told) {
      const own = maskFor(student, told, told.trajectory)
      if (own.refused !== null) return { jobs: [], reason: own.refused }
      const other = context === 'student' ? own : maskFor(student, told, shownTo(told, context))
      if (other.refused !== null) return { jobs: [], reason: `for the teacher: ${other.refused}` }
      const seen = shownTo(told, context)
      return {
        reason: null,
        jobs: own.examples.map(({ example }, i): TeacherJob => {
          const { prompt, turns } = promptOf(other.examples[i] as MaskedRendering, { trajectory: seen, student })
          const tokens = spokenTokens(example)
          const missed = example.ce.filter((weight) => weight > 0).length - tokens.length
          return { example, tokens, missed, ask: (_, stop) => ask({ prompt, turns, example }, stop) }
        }),
      }
    },
    dispose: () => Promise.resolve(),
  }

  async function ask({ prompt, turns, example }: { prompt: Prompt; turns: readonly SpokenTurn[]; example: MaskedRendering['example'] }, stop: AbortSignal): Promise<TeacherAnswer> {
    const answer = await askPrompt(asker, { way, prompt, signal: stop })
    // It has answered the same kind of question before: this prompt is what it does not take, for its length say.
    if (answer.type === 'refused') return { left: { reason: `the endpoint refused it: ${answer.error.found ?? answer.error.message}`, why: 'refused' } }
    const read = names.read(answer.tokens)
    const places = spokenPlaces({ example, tokenizer: student.tokenizer }, read.spoken, turns)
    return { rows: read.rows(places, { k, ids: example.ids }) }
  }
}

const maskFor = ({ template, tokenizer }: Student, { spans }: Told, trajectory: Trajectory) =>
  maskIfPossible({ trajectory, spans, recipe: RECIPES.sft, template, tokenizer })

/** What the endpoint is sent for an example: the turns that are in it, as messages and as the student's template writes them. */
function promptOf({ rendering: { bodies, text, ids } }: MaskedRendering, { trajectory, student }: { trajectory: Trajectory; student: Student }): { prompt: Prompt; turns: SpokenTurn[] } {
  const whole = bodies.every(({ state }) => state === 'whole') && bodies.length === trajectory.turns.filter(({ role }) => role === 'agent').length
  const turns = whole ? trajectory.turns : trajectory.turns.slice(0, (bodies.at(-1)?.turn ?? -1) + 1)
  const { template, tokenizer } = student
  // Servers put the token that begins a text there themselves.
  const bos = tokenizer.control.find(({ id }) => id === tokenizer.bos && id === ids[0])?.text ?? ''
  const steps = new Map(bodies.map(({ turn }, step) => [turn, step]))
  return {
    prompt: { ...plainMessages({ turns, tools: trajectory.tools, template }), text: bos !== '' && text.startsWith(bos) ? text.slice(bos.length) : text },
    turns: turns.map((turn, index) => ({ text: turn.text, step: steps.get(index) ?? null })),
  }
}

/** A question that every model can be asked, to see which way it is answered; so that nothing dear is asked twice. */
const TRIAL: Prompt = {
  messages: [{ role: 'user', content: 'What is the capital of France?' }, { role: 'assistant', content: 'The capital of France is Paris.' }],
  tools: undefined,
  text: 'What is the capital of France? The capital of France is Paris.',
}

async function chooseWay(asker: PromptAsker, asks: Asks, signal: AbortSignal): Promise<PromptWay> {
  const { endpoint } = asker
  if (endpoint.kind !== 'openai-compatible') throw noLogProbs(endpoint, `an endpoint of the kind ${endpoint.kind}`)
  const refusals: string[] = []
  for (const way of asks === 'auto' ? (['chat', 'completions'] as const) : [asks]) {
    const answer = await askPrompt(asker, { way, prompt: TRIAL, signal })
    if (answer.type === 'tokens') return way
    refusals.push(`${way}: ${answer.error.found ?? answer.error.message}`)
  }
  throw noLogProbs(endpoint, refusals.join('; '))
}

const noLogProbs = ({ name, baseUrl }: Endpoint, found: string): RetortError =>
  new RetortError({
    code: 'no-prompt-logprobs',
    message: 'the endpoint gives no log-probabilities of a prompt',
    where: `${name} (${baseUrl})`,
    found,
    expected: 'chat completions with prompt_logprobs (vLLM), or completions with echo and logprobs (vLLM, SGLang, llama-cpp-python)',
    advice: 'if it says that too many are asked for, ask for fewer (--top 5); else take a GGUF file of the model as a local teacher',
  })
