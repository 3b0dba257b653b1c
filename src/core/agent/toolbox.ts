// A toolbox: the kits of an episode as one. It finds the tool of a written call, checks the arguments, and runs it in its time.
import { errorInLine, RetortError } from '../../shared/errors.ts'
import type { CallStatus } from '../../shared/records/episode.ts'
import type { Tool } from '../../shared/records/trajectory.ts'
import { canonicalJson, schemaProblem } from '../pipeline/trajectory/index.ts'
import type { Clock } from '../ports/index.ts'
import { type WrittenCall, writtenArguments } from './callArguments.ts'
import { raced } from './race.ts'
import type { AgentTool, Observation } from './tool.ts'
import { type Kit, offeredTools } from './toolKit.ts'

/** A call that may run. `arguments`: canonical JSON, equal for equal calls. */
export type PreparedCall = {
  readonly name: string
  readonly arguments: string
  readonly effects: AgentTool<unknown>['effects']
  readonly place: { readonly kit: number; readonly tool: number }
  /** What the tool's schema made of the arguments. */
  readonly value: unknown
}

/** Why a call may not run, in words for the agent. */
export type RefusedCall = { readonly status: CallStatus; readonly text: string; readonly name: string; readonly arguments: string | null }

/** `seconds`: what it took, of a call that ran before it is told. */
export type CallResult = Omit<Observation, 'status'> & { readonly status: CallStatus; readonly seconds?: number }

export type Toolbox = {
  readonly tools: readonly Tool[]
  prepare(call: WrittenCall): PreparedCall | RefusedCall
  /** `seconds`: of the call, without what it waits for its turn. Never throws and never hangs: failures, and a tool that takes too long or is aborted, are results. */
  run(call: PreparedCall, limits: { readonly seconds: number; readonly signal: AbortSignal }): Promise<CallResult>
  /** With states of their own; to be disposed as the original is. Effects `outside` are the same in a copy. */
  copy(): Promise<Toolbox>
  dispose(): Promise<void>
}

/** Owns the kits: they are disposed with it. Names of tools are different. */
export function createToolbox(kits: readonly Kit[], clock: Clock): Toolbox {
  const tools = offeredTools(kits)
  const repeated = tools.find(({ name }, index) => tools.findIndex((other) => other.name === name) < index)
  if (repeated) throw new RetortError({ code: 'tool-twice', message: 'two tools have one name', found: repeated.name, expected: 'a name for each' })
  const find = finder(kits)
  return {
    tools,
    prepare(call) {
      const place = find(call.name)
      if (place === null) {
        const known = tools.length === 0 ? 'there are none' : tools.map(({ name }) => name).join(', ')
        return { status: 'unknown-tool', text: `There is no tool ${JSON.stringify(call.name)}. Tools: ${known}.`, name: call.name, arguments: null }
      }
      const row = kits[place.kit]!.tools[place.tool]!
      const { name } = row.tool
      const written = writtenArguments(call, row.tool)
      if ('problem' in written) return refuse(row.tool, `found ${written.problem}`, null)
      const json = canonicalJson(written.value)
      const parsed = row.parse(written.value)
      if ('value' in parsed) return { name, arguments: json, effects: row.effects, place, value: parsed.value }
      const { where, found, expected } = schemaProblem(written.value, parsed.error)
      return refuse(row.tool, `${where === '' ? '' : `${where}: `}found ${found}, expected ${expected}`, json)
    },
    async run({ name, place, value }, { seconds, signal }) {
      const deadline = clock.deadline(seconds * 1000, signal)
      const { hold } = deadline
      try {
        // `run` may throw before it gives a promise.
        const outcome = await raced(Promise.resolve().then(() => kits[place.kit]!.run(place.tool, value, { signal: deadline.signal, hold })), deadline.signal)
        if (outcome === 'aborted') {
          return { status: 'timed-out', text: deadline.passed() ? `${name} gave no answer within ${seconds} s.` : `${name} was stopped.` }
        }
        return 'value' in outcome ? outcome.value : { status: 'failed', text: messageOf(outcome.error) }
      } finally {
        deadline.end()
      }
    },
    copy: async () => createToolbox(await Promise.all(kits.map((kit) => kit.copy())), clock),
    dispose: async () => void (await Promise.all(kits.map((kit) => kit.dispose()))),
  }
}

/** By its name, by an alias, then by either in another case. */
function finder(kits: readonly Kit[]): (name: string) => PreparedCall['place'] | null {
  const exact = new Map<string, PreparedCall['place']>()
  const folded = new Map<string, PreparedCall['place']>()
  const put = (name: string, place: PreparedCall['place']): void => {
    if (!exact.has(name)) exact.set(name, place)
    if (!folded.has(name.toLowerCase())) folded.set(name.toLowerCase(), place)
  }
  const rows = kits.flatMap((kit, index) => kit.tools.map((row, tool) => ({ row, place: { kit: index, tool } })))
  for (const { row, place } of rows) put(row.tool.name, place)
  for (const { row, place } of rows) for (const alias of row.aliases) put(alias, place)
  return (name) => exact.get(name) ?? folded.get(name.toLowerCase()) ?? null
}

const refuse = ({ name }: Tool, what: string, json: string | null): RefusedCall => ({
  status: 'bad-arguments',
  text: `Bad arguments of ${name}: ${what}.`,
  name,
  arguments: json,
})

const messageOf = (error: unknown): string =>
  error instanceof RetortError ? errorInLine(error) : error instanceof Error ? error.message : String(error)
