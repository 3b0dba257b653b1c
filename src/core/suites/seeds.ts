// Random numbers of suites: one stream for each place, purpose and seed, so that no two splits share one.
import { createRandom, type Random } from '../random.ts'
import { EXPERT_DEFAULTS, type ExpertSettings, type SuiteName, type TaskPlace } from '../../shared/records/suite.ts'

/** 32 bits of a text (FNV-1a, with the finaliser of MurmurHash3, so that texts that differ in one letter have unlike hashes). */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The id of a task: suite/split/seed/index. */
export const taskId = (suite: SuiteName, { split, seed, index }: TaskPlace): string => `${suite}/${split}/${seed}/${index}`

/** The stream that a task is made from. The split's name is in its seed: no two splits share a task's stream, whatever their seeds. */
export const taskRandom = (suite: SuiteName, place: TaskPlace): Random => createRandom(hashOf(taskId(suite, place)))

/** A stream of an expert: of its task, its seed and what is decided with it. */
export const expertRandom = (task: string, seed: number, purpose: string): Random => createRandom(hashOf(`${task}#${seed}#${purpose}`))

/** Which of its settings an expert shows in this episode. */
export function shownSettings(task: string, seed: number, settings: { readonly [Name in keyof ExpertSettings]?: ExpertSettings[Name] | undefined }): { readonly [Name in keyof ExpertSettings]: boolean } {
  const shows = (name: keyof ExpertSettings): boolean => expertRandom(task, seed, name).next() < (settings[name] ?? EXPERT_DEFAULTS[name])
  return { restate: shows('restate'), recovery: shows('recovery'), stepwise: shows('stepwise') }
}

/** One of the items, each as likely as the others. */
export const pick = <T>(items: readonly T[], random: Random): T => items[Math.floor(random.next() * items.length)]!

/** An integer from `least` to `most`, both included. */
export const integer = (least: number, most: number, random: Random): number => least + Math.floor(random.next() * (most - least + 1))

/** `count` different items, of many more. */
export function several<T>(items: readonly T[], count: number, random: Random): T[] {
  const taken = new Set<T>()
  while (taken.size < count) taken.add(pick(items, random))
  return [...taken]
}
