// A progress bar with rate and time left: redrawn in place on a terminal, a line every few seconds elsewhere.
import type { TextStream } from './stream.ts'

export type Progress = {
  /** `total` null: not known (yet). `note` stands at the end of the line, e.g. the loss. */
  update(state: { done: number; total: number | null; note?: string }): void
  /** Draws the last state and ends the line. Further calls do nothing. */
  end(): void
}

type State = { done: number; total: number | null; note?: string }

const REDRAW_MS = 100
const LINE_MS = 5_000
const BAR = 24

/** `1:02:03` or `2:03`, from seconds. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (part: number) => String(part).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

const short = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2))

/** One line: bar, share, count, rate and time left. The rate is the mean since the start. */
export function progressLine(options: {
  label: string
  unit: string
  seconds: number
  state: State
  /** Done before these seconds began. */
  before?: number
}): string {
  const { label, unit, seconds, state, before = 0 } = options
  const { done, total, note } = state
  const rate = seconds > 0 ? (done - before) / seconds : 0
  const parts: string[] = []
  if (total !== null && total > 0) {
    const share = Math.min(1, done / total)
    const filled = Math.round(share * BAR)
    parts.push(`[${'#'.repeat(filled)}${'-'.repeat(BAR - filled)}] ${String(Math.floor(share * 100)).padStart(3)} %`)
    parts.push(`${done}/${total} ${unit}`)
  } else parts.push(`${done} ${unit}`)
  if (rate > 0) parts.push(`${short(rate)} ${unit}/s`)
  if (rate > 0 && total !== null && done < total) parts.push(`ETA ${clock((total - done) / rate)}`)
  else parts.push(clock(seconds))
  if (note) parts.push(note)
  return `${label}: ${parts.join('  ')}`
}

/** Without `stream` nothing is drawn. */
export function createProgress(options: {
  label: string
  unit: string
  now: () => number
  stream?: TextStream
}): Progress {
  const { label, unit, now, stream } = options
  const started = now()
  // What was done before (a resumed run) is no work of this session: it must not count in the rate.
  let before: number | null = null
  let drawn = -Infinity
  let state: State | null = null
  let ended = false
  const draw = () => {
    if (!stream || !state) return
    drawn = now()
    const line = progressLine({ label, unit, seconds: (drawn - started) / 1000, state, before: before ?? 0 })
    // On a terminal: to the line's start, clear it, and never wrap (a wrapped line cannot be redrawn).
    stream.write(stream.isTTY ? `\r\x1b[2K${line.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}` : `${line}\n`)
  }
  return {
    update(next) {
      if (ended) return
      before ??= next.done
      state = next
      if (now() - drawn >= (stream?.isTTY ? REDRAW_MS : LINE_MS)) draw()
    },
    end() {
      if (ended) return
      ended = true
      draw()
      if (stream?.isTTY && state) stream.write('\n')
    },
  }
}
