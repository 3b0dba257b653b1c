// The table of losses: one row each.
import { ce } from './crossEntropy.ts'
import { forwardKl } from './forwardKl.ts'
import { jsd } from './jsd.ts'
import { reverseKl } from './reverseKl.ts'
import type { LossName, LossRow } from './row.ts'
import { uld } from './uld.ts'

export const LOSSES: Readonly<Record<LossName, LossRow>> = { ce, forwardKl, reverseKl, jsd, uld }
