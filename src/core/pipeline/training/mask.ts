// A trajectory as masked examples: every token of the student with its kind, part, step and loss weights.
import { errorInLine, errorParts, RetortError } from '../../../shared/errors.ts'
import type { StepLabel } from '../../../shared/records/correction.ts'
import type { MaskedExample, TokenKind, TokenPart } from '../../../shared/records/example.ts'
import type { Span } from '../../../shared/records/span.ts'
import type { Trajectory } from '../../../shared/records/trajectory.ts'
import type { ChatTemplate, Tokenizer } from '../../ports/index.ts'
import type { Recipe, TeacherSignal, Weights } from './recipes.ts'
import { prepareConversation, type RenderedToken, type Rendering } from './render.ts'
import { firstWhere } from '../../sorted.ts'

export type MaskInput = {
  readonly trajectory: Trajectory
  /** Spans of each turn, parallel to `trajectory.turns`. Agent turns are covered completely. */
  readonly spans: readonly (readonly Span[])[]
  /** Labels of agent turns, by turn index. */
  readonly labels?: ReadonlyMap<number, StepLabel>
  readonly recipe: Recipe
  readonly teacher?: TeacherSignal
  readonly template: ChatTemplate
  readonly tokenizer: Tokenizer
}

/** An example with the rendering it came from, for those who show tokens. */
export type MaskedRendering = { readonly example: MaskedExample; readonly rendering: Rendering }

/** `examples` is empty when the recipe does not take the trajectory; `refused` then says why. */
export type MaskResult = { readonly examples: MaskedRendering[]; readonly refused: string | null }

/**
 * One example, or one per agent turn where the template rewrites earlier turns (then only that turn is trained in it).
 * Throws RetortError when the template cannot render the trajectory or an agent turn cannot be placed in its rendering.
 */
export function maskTrajectory(input: MaskInput): MaskResult {
  try {
    return mask(input)
  } catch (error) {
    if (!(error instanceof RetortError) || error.where?.startsWith('trajectory ')) throw error
    const where = [`trajectory ${input.trajectory.id}`, ...(error.where === undefined ? [] : [error.where])].join(', ')
    throw new RetortError({ ...errorParts(error), where })
  }
}

/** The same for one of many: what makes this trajectory impossible is why it is refused, and the others go on. */
export function maskIfPossible(input: MaskInput): MaskResult {
  try {
    return maskTrajectory(input)
  } catch (error) {
    if (!(error instanceof RetortError)) throw error
    return { examples: [], refused: errorInLine(error) }
  }
}

function mask(input: MaskInput): MaskResult {
  const { trajectory } = input
  const refused = input.recipe.refuses({ trajectory, spans: input.spans })
  if (refused !== null) return { examples: [], refused }
  const conversation = prepareConversation({ ...input, turns: trajectory.turns, tools: trajectory.tools })
  const whole = conversation.render({ turns: trajectory.turns.length, generationPrompt: false })
  const agentTurns = whole.bodies.map((body) => body.turn)
  if (whole.bodies.every((body) => body.state === 'whole')) {
    const example = maskRendering(input, { id: trajectory.id, rendering: whole, trained: new Set(agentTurns), from: 0 })
    return { examples: [{ example, rendering: whole }], refused: null }
  }
  const examples = agentTurns.map((turn, k): MaskedRendering => {
    const rendering = conversation.render({ turns: turn + 1, generationPrompt: false })
    const body = rendering.bodies.at(-1)!
    if (body.state !== 'whole') throw cannotPlace(trajectory.id, turn, body.reason)
    const example = maskRendering(input, {
      id: `${trajectory.id}#${turn}`,
      rendering,
      trained: new Set([turn]),
      from: newContext(rendering, agentTurns[k - 1], input.tokenizer),
    })
    return { example, rendering }
  })
  return { examples, refused: null }
}

/** Where text begins that is new since the example before: behind the agent turn it trained and the token that closes it. */
function newContext(rendering: Rendering, previous: number | undefined, tokenizer: Tokenizer): number {
  if (previous === undefined) return 0
  let end = rendering.sources.turn.lastIndexOf(previous) + 1
  // A turn that the template has dropped since: all that is left of what came before it.
  if (end === 0) end = rendering.sources.turn.findLastIndex((turn) => turn >= 0 && turn < previous) + 1
  const closing = rendering.tokens.find((token) => token.start >= end)
  return closing !== undefined && tokenizer.endOfGeneration.has(closing.id) ? closing.end : end
}

type Scope = { id: string; rendering: Rendering; trained: ReadonlySet<number>; from: number }

function maskRendering(input: MaskInput, scope: Scope): MaskedExample {
  const { trajectory, recipe } = input
  const { tokens, sources } = scope.rendering
  const weights = recipe.weights(input.teacher ?? 'text')
  const stepOf = new Map(scope.rendering.bodies.map((body, step) => [body.turn, step]))
  const example: MaskedExample = {
    id: scope.id,
    trajectoryId: trajectory.id,
    ids: scope.rendering.ids,
    kinds: [],
    parts: [],
    steps: [],
    ce: [],
    kl: [],
    own: firstWhere(tokens.length, (index) => tokens[index]!.start >= scope.from),
    straddling: 0,
  }
  let step = -1
  tokens.forEach((token, index) => {
    const agent = token.turn !== null && trajectory.turns[token.turn]!.role === 'agent'
    if (agent) step = Math.max(step, stepOf.get(token.turn) ?? step)
    const { kind, part, span } = classify(input, scope.rendering, token)
    const weight = index === 0 ? ZERO : agent ? agentWeight() : contextWeight()
    example.kinds.push(kind)
    example.parts.push(part)
    example.steps.push(step)
    example.ce.push(weight.ce)
    example.kl.push(weight.kl)
    if (straddles(input.spans, sources, token)) example.straddling++

    function agentWeight(): Weights {
      const turn = token.turn!
      if (!scope.trained.has(turn) || !recipe.trainsStep(input.labels?.get(turn) ?? null)) return ZERO
      return weights[kind === 'end' ? span!.kind : kind]
    }
    function contextWeight(): Weights {
      if (index < example.own || kind === 'end') return ZERO
      return token.turn === null && recipe.template === 'untrained' ? ZERO : weights[kind]
    }
  })
  return example
}

const ZERO: Weights = { ce: 0, kl: 0 }

type Class = { kind: TokenKind; part: TokenPart; span: Span | null }

function classify(input: MaskInput, rendering: Rendering, token: RenderedToken): Class {
  if (token.turn === null) return { kind: 'context', part: 'none', span: null }
  const { role } = input.trajectory.turns[token.turn]!
  const spans = input.spans[token.turn] ?? []
  if (role !== 'agent') {
    const span = spanAt(spans, rendering.sources.offset[token.decidedBy]!)
    return { kind: span?.kind ?? (role === 'environment' ? 'observe' : 'context'), part: 'none', span }
  }
  if (token.role === 'closing') return { kind: 'end', part: 'end', span: lastSpan(input, token.turn) }
  const offset = rendering.sources.offset[token.decidedBy]!
  // Template text at the end of a turn that the student must write counts to the span before it.
  const span = spanAt(spans, offset) ?? lastSpan(input, token.turn)
  if (offset < input.trajectory.turns[token.turn]!.text.length && spanAt(spans, offset) === null) {
    throw uncovered(input.trajectory.id, token.turn, offset)
  }
  return { kind: span.kind, part: partOf(span, token, offset), span }
}

function partOf(span: Span, token: RenderedToken, offset: number): TokenPart {
  switch (span.kind) {
    case 'reason':
      return token.role === 'content' ? 'thought' : 'scaffold'
    case 'observe':
    case 'context':
      return 'none'
    case 'act':
    case 'final': {
      const argument: TokenPart = span.kind === 'act' ? 'argument' : 'answer'
      if (token.role === 'name') return 'name'
      if (token.role === 'argument') return argument
      if (token.role !== 'content' || span.call === undefined) return 'scaffold'
      if (inside(span.call.name, offset)) return 'name'
      return inside(span.call.argument, offset) ? argument : 'scaffold'
    }
  }
}

const inside = (range: { start: number; end: number }, offset: number) => range.start <= offset && offset < range.end

/** The span that holds the offset; spans are in order and do not overlap. */
function spanAt(spans: readonly Span[], offset: number): Span | null {
  const span = spans[firstWhere(spans.length, (index) => spans[index]!.start > offset) - 1]
  return span !== undefined && inside(span, offset) ? span : null
}

function lastSpan(input: MaskInput, turn: number): Span {
  const span = input.spans[turn]?.at(-1)
  if (span === undefined) throw uncovered(input.trajectory.id, turn, 0)
  return span
}

function straddles(spans: readonly (readonly Span[])[], sources: Rendering['sources'], token: RenderedToken): boolean {
  let first: Span | null = null
  for (let i = token.start; i < token.end; i++) {
    const turn = sources.turn[i]!
    if (turn < 0 || sources.role[i] !== 'content') continue
    const span = spanAt(spans[turn] ?? [], sources.offset[i]!)
    if (first !== null && span !== null && span !== first) return true
    first ??= span
  }
  return false
}

const cannotPlace = (id: string, turn: number, reason: string) =>
  new RetortError({
    code: 'turn-not-placed',
    message: "An agent turn cannot be found in the rendering by the student's chat template, so it cannot be trained",
    found: reason,
    expected: "the prompt that asks for the turn, the turn's text and a token that ends generation",
    where: `trajectory ${id}, turn ${turn}`,
  })

const uncovered = (id: string, turn: number, offset: number) =>
  new RetortError({
    code: 'uncovered-text',
    message: 'The spans of an agent turn do not cover its text',
    found: `no span at character ${offset}`,
    expected: 'spans that cover the whole text',
    where: `trajectory ${id}, turn ${turn}`,
  })
