// Episodes under way, for those who look on: the step of each, and what the teacher is writing, piece by piece.
import type { RolloutProgress } from '../../shared/contract/rollouts.ts'
import type { SuiteTask } from '../../shared/records/suite.ts'

/** What one episode says of itself. */
export type Told = {
  /** The teacher is asked for its turn. */
  readonly onStep: (step: number) => void
  /** The next characters of it; null: its answer begins, or begins anew. */
  readonly onPiece: (piece: string | null) => void
  readonly end: () => void
}

export type UnderWay = {
  begin(task: SuiteTask, turn: number): Told
  list(): RolloutProgress['working']
  /** What was to be told later is not told any more. */
  close(): void
}

/** Of an answer its end is told: so many characters. */
const MOST_TOLD = 400
/** Between two tellings of pieces, in milliseconds: a page reads no faster. */
const TELL_MS = 250

/** `tell` is called at once for what begins and ends, and soon for what is written. */
export function createUnderWay(tell: () => void): UnderWay {
  const all = new Set<RolloutProgress['working'][number]>()
  let timer: NodeJS.Timeout | null = null
  const soon = (): void => {
    timer ??= setTimeout(() => {
      timer = null
      tell()
    }, TELL_MS)
  }
  return {
    begin({ id, question }, turn) {
      const own = { task: id, question, turn, step: null as number | null, text: '' }
      all.add(own)
      tell()
      return {
        onStep(step) {
          own.step = step
          own.text = ''
          soon()
        },
        onPiece(piece) {
          own.text = piece === null ? '' : tail(own.text + piece)
          soon()
        },
        end() {
          all.delete(own)
          tell()
        },
      }
    },
    list: () => [...all].map((one) => ({ ...one })),
    close() {
      if (timer) clearTimeout(timer)
      timer = null
    },
  }
}

/** Whole characters, with a mark where more came before. */
function tail(text: string): string {
  if (text.length <= MOST_TOLD) return text
  const cut = text.slice(-MOST_TOLD)
  return `…${/^[\uDC00-\uDFFF]/.test(cut) ? cut.slice(1) : cut}`
}
