// The guard of a run against losses and gradients that are not finite: skip, halve the learning rate, in the end stop.

/** Carried from step to step, and so in every checkpoint: a resumed run judges as the uninterrupted one. */
export type GuardState = {
  /** Steps that were not finite, until enough good ones in a row clear them. */
  readonly strikes: number
  /** Good steps in a row. */
  readonly good: number
  /** The planned learning rate is multiplied by this. */
  readonly lrFactor: number
}

export const CALM: GuardState = { strikes: 0, good: 0, lrFactor: 1 }

export type GuardAlert = { readonly type: 'nan-skip' | 'lr-halved' | 'lr-restored' | 'diverged'; readonly text: string }

export type Judgement = {
  readonly state: GuardState
  /** Whether the step's gradients may be applied. */
  readonly take: boolean
  /** Whether the run shall go on after it. */
  readonly goOn: boolean
  readonly alerts: readonly GuardAlert[]
}

/** Good steps in a row after which earlier strikes no longer count. */
const CLEARED_AFTER = 10
/** Good steps in a row after which a halved rate is doubled again: a scale that grows back, as loss scales do. */
const RESTORED_EVERY = 50
/** Strikes that end the run. */
export const STRIKES = 5

/**
 * Judges a step by its loss and the global norm of its gradients (before clipping). The same batch on the same state would
 * give the same numbers again, so a bad one is passed over instead of repeated: one alone says something about its batch;
 * from the second strike on the state is under suspicion and the rate is halved each time; the fifth ends the run.
 * `step` is that of the metrics, counted from 1.
 */
export function judgeStep(state: GuardState, { step, loss, gradNorm }: { step: number; loss: number; gradNorm: number }): Judgement {
  if (Number.isFinite(loss) && Number.isFinite(gradNorm)) return judgeGood(state, step)
  const strikes = state.strikes + 1
  const halve = strikes > 1 && strikes < STRIKES
  const next: GuardState = { strikes, good: 0, lrFactor: halve ? state.lrFactor / 2 : state.lrFactor }
  const alerts: GuardAlert[] = [
    { type: 'nan-skip', text: `step ${step} is left out: its loss is ${loss}, its gradient norm ${gradNorm}; the adapter stays as it was` },
  ]
  if (halve) alerts.push({ type: 'lr-halved', text: `${strikes} steps of late were not finite: from here on at ${share(next.lrFactor)} of the planned learning rate` })
  if (strikes >= STRIKES) alerts.push({ type: 'diverged', text: `the run ends: ${strikes} steps of late were not finite, the last one at ${share(next.lrFactor)} of the planned learning rate` })
  return { state: next, take: false, goOn: strikes < STRIKES, alerts }
}

function judgeGood({ strikes, good: before, lrFactor: factor }: GuardState, step: number): Judgement {
  const good = before + 1
  const restore = factor < 1 && good % RESTORED_EVERY === 0
  const lrFactor = restore ? factor * 2 : factor
  return {
    state: { strikes: good >= CLEARED_AFTER ? 0 : strikes, good, lrFactor },
    take: true,
    goOn: true,
    alerts: restore
      ? [{ type: 'lr-restored', text: `${good} good steps in a row up to step ${step}: from here on at ${share(lrFactor)} of the planned learning rate` }]
      : [],
  }
}

const share = (factor: number): string => (factor === 1 ? 'all' : `1/${1 / factor}`)
