// A mask for a person's eye: stretches of one kind and weight, with the text they cover.
import type { MaskView } from '../shared/contract/masking.ts'
import { oneLine, table } from './text.ts'

/** Characters of a stretch; of a longer one its beginning and end. */
const SHOWN = 84

/** A mask as stretches of one kind and weight: what the student learns, read as text. */
export function maskLines({ tokens }: MaskView): string[] {
  const runs: { label: string; weight: number; text: string; count: number }[] = []
  for (const { kind, ce, text } of tokens) {
    const last = runs.at(-1)
    if (last?.label === kind && last.weight === ce) {
      last.text += text
      last.count += 1
    } else runs.push({ label: kind, weight: ce, text, count: 1 })
  }
  return table(
    ['kind', 'weight', 'tokens', 'text'],
    runs.map(({ label, weight, text, count }) => {
      const shown = JSON.stringify(text)
      return [label, weight, count, shown.length > SHOWN ? `${oneLine(shown, SHOWN - 24)} ${shown.slice(-23)}` : shown]
    }),
  )
}
