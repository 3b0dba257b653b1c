// How much memory is free: of the machine, or of a graphics card where it can be told.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'
import type { ProviderName } from '../shared/records/provider.ts'

/**
 * Bytes that new work can have on macOS, from what `vm_stat` prints: pages that are free, and those the system gives up for the asking
 * (inactive and speculative ones), which `os.freemem` leaves out. null for a text without them.
 */
export function freeInVmStat(text: string): number | null {
  const size = /page size of (\d+) bytes/.exec(text)?.[1]
  const pages = ['free', 'inactive', 'speculative'].map((name) => new RegExp(`^Pages ${name}:\\s+(\\d+)\\.`, 'm').exec(text)?.[1])
  if (size === undefined || pages.some((count) => count === undefined)) return null
  return Number(size) * pages.reduce((sum, count) => sum + Number(count), 0)
}

/** The same on Linux, from /proc/meminfo: free pages and caches that can be given up. null for a text without it. */
export function freeInMeminfo(text: string): number | null {
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(text)?.[1]
  return kilobytes === undefined ? null : Number(kilobytes) * 1024
}

/** Free memory of the cards that `nvidia-smi --query-gpu=memory.free --format=csv,noheader,nounits` lists, in MiB a line: of the first. */
export function freeInNvidiaSmi(text: string): number | null {
  const mebibytes = /^\s*(\d+)\s*$/m.exec(text)?.[1]
  return mebibytes === undefined ? null : Number(mebibytes) * 2 ** 20
}

const QUICK_MS = 5000

/** What a program prints; null when it is not there, or fails. */
function printed(program: string, args: readonly string[]): string | null {
  try {
    return execFileSync(program, args, { encoding: 'utf8', timeout: QUICK_MS, stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true })
  } catch {
    return null
  }
}

/** Bytes that this process may take of the machine's memory, or of the share of it that a container has. */
export function freeMemory(): number {
  if (process.platform === 'darwin') return freeInVmStat(printed('/usr/bin/vm_stat', []) ?? '') ?? freemem()
  if (process.platform !== 'linux') return freemem()
  const whole = freeInMeminfo(readFileSync('/proc/meminfo', 'utf8')) ?? freemem()
  // Node says 0, or more than there is, where nothing is constrained.
  const limit = process.constrainedMemory()
  return limit > 0 && limit < totalmem() ? Math.min(whole, process.availableMemory()) : whole
}

/** Of what a provider computes in: the machine's memory, or a card's; null where nothing tells. */
export function freeMemoryOf(provider: ProviderName): number | null {
  if (provider === 'cpu') return freeMemory()
  if (provider !== 'cuda') return null
  return freeInNvidiaSmi(printed('nvidia-smi', ['--query-gpu=memory.free', '--format=csv,noheader,nounits']) ?? '')
}
