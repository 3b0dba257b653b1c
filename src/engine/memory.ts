// Peak memory of this process.
import { readFileSync } from 'node:fs'

/** Highest resident memory so far, in bytes: VmHWM where the system tells, else what Node reports. */
export function peakMemoryBytes(): number {
  if (process.platform === 'linux') {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    if (kilobytes) return Number(kilobytes) * 1024
  }
  return process.resourceUsage().maxRSS * 1024
}
