// Free memory from what systems print: macOS, Linux, NVIDIA's tool.
import { expect, test } from 'vitest'
import { freeInMeminfo, freeInNvidiaSmi, freeInVmStat, freeMemory, freeMemoryOf } from '../../src/engine/freeMemory.ts'

const VM_STAT = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                                4619.
Pages active:                            231604.
Pages inactive:                          229731.
Pages speculative:                         1226.
Pages throttled:                              0.
Pages wired down:                        126853.
Pages purgeable:                           3402.
"Translation faults":                3126439742.
Pages copy-on-write:                  108437283.
Pages occupied by compressor:            390218.
Pageins:                               14539811.
`

test('macOS: pages that are free, inactive or speculative, of the size that it names', () => {
  expect(freeInVmStat(VM_STAT)).toBe(16384 * (4619 + 229731 + 1226))
  // An Intel machine has smaller pages.
  expect(freeInVmStat(VM_STAT.replace('16384', '4096'))).toBe(4096 * (4619 + 229731 + 1226))
  expect(freeInVmStat(VM_STAT.replace(/Pages inactive.*\n/, ''))).toBeNull()
  expect(freeInVmStat('')).toBeNull()
})

test('Linux: what is available, not what lies idle', () => {
  expect(freeInMeminfo('MemTotal:       24684084 kB\nMemFree:         1058744 kB\nMemAvailable:   20814524 kB\nBuffers:            4712 kB\n')).toBe(20814524 * 1024)
  expect(freeInMeminfo('MemTotal:       24684084 kB\n')).toBeNull()
})

test('a card: the first line of the tool, in MiB', () => {
  expect(freeInNvidiaSmi('7912\n24000\n')).toBe(7912 * 2 ** 20)
  expect(freeInNvidiaSmi('[N/A]\n')).toBeNull()
  expect(freeInNvidiaSmi('')).toBeNull()
})

test('here: some, and of a provider whose memory nothing tells: null', () => {
  expect(freeMemory()).toBeGreaterThan(1e8)
  expect(freeMemoryOf('webgpu')).toBeNull()
})
