// The demo's last act: one held-out question, answered by the plain student and by the trained one.
import type { AdapterChoice } from '../../engine/llama/index.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Turn } from '../../shared/records/trajectory.ts'

export type Asked = {
  readonly engine: Engine
  readonly student: string
  /** The conversation up to the agent's turn. */
  readonly turns: readonly Turn[]
  readonly signal: AbortSignal
}

const MAX_TOKENS = 96
const CONTEXT = 1024

/** The student's next turn, greedy; with the adapter when one is given. */
async function answer({ engine, student: path, turns, signal }: Asked, adapter: AdapterChoice | null): Promise<string> {
  const student = await engine.openStudent({ path, weights: 'loaded', signal })
  try {
    const chat = await engine.openChat({ student, ...(adapter && { adapter }), context: CONTEXT, signal })
    try {
      const sampling = { temperature: 0, topP: 1, seed: 0, maxTokens: MAX_TOKENS }
      for await (const event of chat.generate({ turns, tools: [], sampling, signal })) {
        if (event.type === 'end') return event.text.trim()
      }
      throw new Error('the student ended without an end event')
    } finally {
      await chat.dispose()
    }
  } finally {
    await student.dispose()
  }
}

export async function answerBoth(asked: Asked, adapter: string): Promise<{ base: string; student: string }> {
  return { base: await answer(asked, null), student: await answer(asked, { path: adapter, scale: 1 }) }
}
