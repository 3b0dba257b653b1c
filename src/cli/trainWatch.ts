// What a person sees while a run trains: preparation, held-out figures, a progress bar with loss and speed.
import type { Fit, Prepared, TrainerEvent, TrainWatch } from '../engine/training/index.ts'
import type { Heldout } from '../shared/contract/metrics.ts'
import { leftText } from '../shared/leftText.ts'
import { thinTeacher } from '../shared/teacherCoverage.ts'
import type { Output } from './output.ts'
import { createProgressBars } from './progressBars.ts'

const heldoutLine = ({ agent, byKind }: Heldout): string => {
  const kinds = Object.entries(byKind).map(([kind, mean]) => `${kind} ${mean.nll.toFixed(3)}`)
  return `${agent.nll.toFixed(4)} nats a token (${kinds.join(', ')}; observe for reference)`
}

const SHOWN_LEFT = 5

/** How many were left out, the first of them with the reason; the JSON document has all. */
function leftLines(left: Prepared['left']): string[] {
  if (left.length === 0) return []
  const more = left.length - SHOWN_LEFT
  return [
    `${left.length === 1 ? '1 trajectory is' : `${left.length} trajectories are`} left out, or not taken whole:`,
    ...left.slice(0, SHOWN_LEFT).map((one) => `  ${leftText(one)}`),
    ...(more > 0 ? [`  and ${more} more; --json lists all`] : []),
  ]
}

function preparedLines(run: string, prepared: Prepared): string[] {
  const { examples, steps, counts, tokens, straddling, longest, left, recipe, teacher, seen } = prepared
  const [train, held] = [examples.filter((e) => e.split === 'train').length, examples.filter((e) => e.split === 'heldout').length]
  const trained = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const kinds = Object.entries(counts).map(([kind, count]) => `${kind} ${count}`)
  return [
    `run ${run}: ${train} examples to train on, ${held} held out, ${steps} ${steps === 1 ? 'step' : 'steps'}; recipe ${recipe}`,
    `${tokens} tokens, ${trained} of them trained (${kinds.join(', ')}); ${straddling} tokens straddle two spans; the longest example has ${longest}`,
    ...(seen && seen.examples < train ? [`of these the ${steps} ${steps === 1 ? 'step sees' : 'steps see'} ${seen.examples} of ${train} examples, ${seen.tokens} of ${tokens} tokens`] : []),
    ...(teacher ? [`teacher: ${teacher.label}; ${teacher.tokens} of ${teacher.of} tokens covered${teacher.mass === null ? ' while the run trains' : `, the ${teacher.k} named tokens have ${(100 * teacher.mass).toFixed(1)} % of the probability`}`] : []),
    ...[thinTeacher(teacher)].filter((warning) => warning !== null),
    ...leftLines(left),
  ]
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`

/** Less than this saved by recomputation is not worth its time. */
const WORTH_BYTES = 2e8

/** What the estimate says: the peak, what is free, and what recomputation would save where that is much. */
function memoryLines({ memory, warning }: Fit): string[] {
  const { bytes, availableBytes, recomputedBytes, passTokens, of } = memory
  const free =
    availableBytes === null
      ? '; how much memory of the graphics card is free cannot be told, so nothing is compared'
      : `, of ${gigabytes(availableBytes)} that are free${of === 'card' ? ' on the graphics card' : ''}`
  const saved = recomputedBytes !== null && bytes - recomputedBytes >= WORTH_BYTES ? `; with --recompute about ${gigabytes(recomputedBytes)}, and more time` : ''
  return [...(warning === null ? [] : [warning]), `memory: at most about ${gigabytes(bytes)} for a largest pass of ${passTokens} tokens${free}${saved}`]
}

/** Shows a run on the output. `end` it when the run is over. */
export function watchTraining(out: Output, options: { signal: AbortSignal }): TrainWatch & { end(): void } {
  const { show, say, end } = createProgressBars(out)
  const onEvent = (event: TrainerEvent): void => {
    switch (event.type) {
      case 'phase':
        if (event.phase === 'loading') say('loading the student (its weights are dequantised once and kept)')
        if (event.phase === 'base') show('plain student', 'examples').update({ done: event.done, total: event.total })
        if (event.phase === 'teacher' && event.total > 0) show('train', 'steps').update({ done: event.done, total: event.total, note: 'waiting for the teacher' })
        if (event.phase === 'training') show('train', 'steps').update({ done: event.done, total: event.total })
        if (event.phase === 'heldout-before' || event.phase === 'heldout-after')
          show(event.phase === 'heldout-before' ? 'held-out, before' : 'held-out, after', 'examples').update({ done: event.done, total: event.total })
        return
      case 'step': {
        const { step, loss, tokens, seconds } = event.metrics
        const note = `loss ${loss === null ? '-' : loss.toFixed(4)}  ${(tokens / seconds).toFixed(0)} tokens/s`
        return show('train', 'steps').update({ done: step, total: event.steps, note })
      }
      case 'heldout':
        return say(`held-out nll ${event.when === 'during' ? `after step ${event.point.step}` : event.when}: ${heldoutLine(event.result)}`)
      case 'alert':
        return say(`${event.alert.type}: ${event.alert.text}`)
      case 'samples':
        for (const { step, id, text } of event.samples) say(`after step ${step}, ${id}: ${text.replaceAll('\n', ' / ')}`)
        return
      case 'notice':
        return say(event.text)
      case 'paused':
        return say('paused')
      case 'resumed':
        return say('resumed')
      case 'restored':
      case 'gate':
      case 'memory':
        return
      case 'ended':
      case 'failed':
        return end()
    }
  }
  return {
    signal: options.signal,
    onPrepare: (done, total) => show('mask', 'trajectories').update({ done, total }),
    onPrepared: (run, prepared, fit) => {
      end()
      for (const line of [...preparedLines(run, prepared), ...memoryLines(fit)]) out.note(line)
    },
    onEvent,
    end,
  }
}
