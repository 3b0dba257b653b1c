// Damage to the newest checkpoint of a run that no process trains.
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** `amount` in [0, 1): where in the file. `truncated`: the rest is gone; else one bit is the other. Nothing where there is no checkpoint. */
export function damageCheckpoint(dir: string, { how, amount }: { readonly how: 'truncated' | 'flipped'; readonly amount: number }): void {
  const newest = readdirSync(join(dir, 'checkpoints')).filter((name) => name.startsWith('step-')).sort().at(-1)
  if (newest === undefined) return
  const path = join(dir, 'checkpoints', newest)
  const bytes = readFileSync(path)
  const at = Math.floor(amount * bytes.length)
  if (how === 'truncated') return truncateSync(path, at)
  bytes[at]! ^= 1 << (at % 8)
  writeFileSync(path, bytes)
}
