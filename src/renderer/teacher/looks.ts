// Colours of a batch's states.
import type { RolloutRow } from '../../shared/contract/rollouts.ts'

const COLOURS = { running: 'primary', stopped: 'neutral', budget: 'warning', finished: 'success', incomplete: 'warning', 'in-vain': 'warning', failed: 'error' } as const

export const stateLook = (state: RolloutRow['state']): (typeof COLOURS)[RolloutRow['state']] => COLOURS[state]
