// Which nodes ran where: read from ONNX Runtime's own profile of a session.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { OnCpu } from '../../../shared/contract/providers.ts'

const eventsSchema = z.array(
  z.object({ cat: z.string().optional(), name: z.string().optional(), args: z.object({ provider: z.string().optional(), op_name: z.string().optional() }).optional() }),
)

const CPU = 'CPUExecutionProvider'
/** Moves between memories are not work. */
const MOVES = new Set(['MemcpyFromHost', 'MemcpyToHost'])

/** Nodes of the profiled sessions that ran on the cpu by operator, each node once, the most frequent first. */
export function nodesOnCpu(paths: readonly string[]): OnCpu {
  const names = new Map<string, Set<string>>()
  for (const path of paths) {
    for (const { cat, name, args } of eventsSchema.parse(JSON.parse(readFileSync(path, 'utf8')))) {
      if (cat !== 'Node' || args?.provider !== CPU || args.op_name === undefined || MOVES.has(args.op_name)) continue
      const known = names.get(args.op_name) ?? new Set()
      names.set(args.op_name, known.add(`${path} ${name ?? ''}`))
    }
  }
  return [...names].map(([op, nodes]) => ({ op, nodes: nodes.size })).sort((a, b) => b.nodes - a.nodes || a.op.localeCompare(b.op))
}
