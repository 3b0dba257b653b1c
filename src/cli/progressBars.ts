// One bar at a time: another label ends the one before, and so does a line of text.
import type { Output } from './output.ts'
import type { Progress } from './progress.ts'

export type ProgressBars = {
  /** The bar of this label, the same one until another is shown. */
  readonly show: (label: string, unit: string) => Progress
  /** A note behind the bar that was shown. */
  readonly say: (line: string) => void
  readonly end: () => void
}

export function createProgressBars(out: Pick<Output, 'progress' | 'note'>): ProgressBars {
  let bar: { label: string; progress: Progress } | null = null
  const end = (): void => {
    bar?.progress.end()
    bar = null
  }
  return {
    show: (label, unit) => {
      if (bar?.label !== label) {
        end()
        bar = { label, progress: out.progress(label, unit) }
      }
      return bar.progress
    },
    say: (line) => {
      end()
      out.note(line)
    },
    end,
  }
}
