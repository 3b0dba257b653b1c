// Texts as words for comparing: no case, no punctuation, no difference between forms of a character.
import { wordsOf as plainWords } from '../../words.ts'

export const wordsOf = (text: string): string[] => plainWords(text.normalize('NFKC'))

/** FNV-1a over UTF-16 code units, 32 bits. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** Murmur3's finaliser: every bit of 32 depends on every other. */
export function mixed(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
