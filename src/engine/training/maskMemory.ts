// Remembers masks by the content they were made of, so that settings that change no mask change nothing here.
import type { MaskKey, MaskMemory, Masks } from './prepareRun.ts'

/** Kept at most; about 60 bytes a token. What does not fit is masked anew each time. */
const MOST_TOKENS = 8_000_000

/** For one student file as it is now: its tokenizer and template are part of every mask. Forgets the oldest first. */
export function createMaskMemory(mostTokens = MOST_TOKENS): MaskMemory {
  const memory = new Map<string, Masks>()
  let tokens = 0
  const name = ({ hash, recipe, teacher, dropped }: MaskKey): string => `${recipe} ${teacher} ${dropped} ${hash}`
  const sizeOf = ({ examples }: Masks): number => examples.reduce((sum, { ids }) => sum + ids.length, 0)
  return {
    find: (key) => memory.get(name(key)) ?? null,
    keep(key, masks) {
      memory.set(name(key), masks)
      tokens += sizeOf(masks)
      for (const [oldest, old] of memory) {
        if (tokens <= mostTokens) break
        memory.delete(oldest)
        tokens -= sizeOf(old)
      }
    },
  }
}
