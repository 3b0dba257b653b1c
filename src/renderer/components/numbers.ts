// Numbers as a person reads them, with units.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** 12,345 */
export const countText = (count: number): string => whole.format(count)

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** Powers of 1000, three digits: 96.8 MB. */
export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${UNITS[unit]}`
}

export { durationText } from '../../shared/duration.ts'

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })

/** A large count with three digits: 135M, 2.41k. */
export const shortCount = (count: number): string => short.format(count)

export const percentText = (share: number, digits = 0): string => `${(share * 100).toFixed(digits)} %`

/** A moment as date and time of this place. */
export const momentText = (iso: string): string =>
  new Date(iso).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
