// The alerts of a run: one file that only grows. What a resumed run comes upon again is there once.
import { existsSync, readFileSync } from 'node:fs'
import { alertSchema, type Alert } from '../../shared/contract/metrics.ts'
import { RetortError } from '../../shared/errors.ts'
import { appendLine, writeFileAtomic } from '../files/index.ts'
import { readLines, runFiles } from './runFolder.ts'

type Found = Omit<Alert, 'at'>

/** Alerts that the data and the seed decide: a step that is made again makes them again. The others happen to a run. */
const DECIDED: ReadonlySet<Alert['type']> = new Set(['spike', 'plateau', 'nan-skip', 'lr-halved', 'lr-restored', 'diverged', 'early-stop', 'heldout-skip', 'no-gain'])

export type AlertLog = {
  /** Throws RetortError `disk-full` and the like. An alert about just that is then only told, not kept. */
  add(found: Found): void
}

/** All whole lines, oldest first. */
export const readAlerts = (dir: string): Alert[] => {
  const { alerts } = runFiles(dir)
  return existsSync(alerts) ? [...readLines(alerts, alertSchema)].filter((alert) => alert !== null) : []
}

const keyOf = ({ type, step }: Found): string => `${type} ${step}`
const lineOf = (alert: Alert): string => JSON.stringify(alert)

/** `onAlert` is told of what was not known before. What a killed process left of a line is taken away. */
export function openAlertLog(dir: string, onAlert: (alert: Alert) => void): AlertLog {
  const { alerts: path } = runFiles(dir)
  const known = readAlerts(dir)
  const whole = known.map((alert) => `${lineOf(alert)}\n`).join('')
  if (existsSync(path) && readFileSync(path, 'utf8') !== whole) writeFileAtomic(path, whole)
  const decided = new Set(known.map(keyOf))
  return {
    add(found) {
      if (DECIDED.has(found.type) && decided.has(keyOf(found))) return
      const alert: Alert = { at: new Date().toISOString(), ...found }
      try {
        appendLine(path, lineOf(alert))
      } catch (error) {
        if (found.type !== 'disk-full' || !(error instanceof RetortError)) throw error
      }
      decided.add(keyOf(found))
      onAlert(alert)
    },
  }
}
