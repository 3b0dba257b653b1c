// The memory of an interpreter as a value: the pages that differ from those it began with.
import { sha256 } from '../files/index.ts'

export type CodeImage = {
  /** Of the memory that it is told against; another one cannot take it. */
  readonly base: string
  /** Numbers of the pages, in order; their bytes lie one after the other. */
  readonly pages: Uint32Array
  readonly bytes: Uint8Array
}

/** A small page keeps an image small: values lie scattered. */
const PAGE = 1024

export type ImageBase = { readonly id: string; readonly bytes: Uint8Array }

/** Zeros at the end do not count: memories of all sizes begin alike. */
export function baseOf(memory: Uint8Array): ImageBase {
  const last = memory.findLastIndex((byte) => byte !== 0)
  const bytes = memory.slice(0, Math.ceil((last + 1) / PAGE) * PAGE)
  return { id: sha256(bytes).slice(0, 16), bytes }
}

/** What of the memory is other than at the beginning. The memory may have grown since. */
export function imageOf(memory: Uint8Array, base: ImageBase): CodeImage {
  const now = Buffer.from(memory.buffer, memory.byteOffset, memory.length)
  const zeros = Buffer.alloc(PAGE)
  const pages: number[] = []
  for (let start = 0; start < now.length; start += PAGE) {
    const before = start < base.bytes.length ? base.bytes.subarray(start, start + PAGE) : zeros
    if (now.compare(before, 0, PAGE, start, start + PAGE) !== 0) pages.push(start / PAGE)
  }
  const bytes = new Uint8Array(pages.length * PAGE)
  for (const [place, page] of pages.entries()) bytes.set(now.subarray(page * PAGE, (page + 1) * PAGE), place * PAGE)
  return { base: base.id, pages: Uint32Array.from(pages), bytes }
}

/** Bytes of memory that an image asks for. */
export const reachOf = ({ pages }: CodeImage): number => ((pages.at(-1) ?? -1) + 1) * PAGE

/** Puts the memory into the image's state; without one, into the first. `memory` reaches as far as the image. */
export function restore(memory: Uint8Array, base: ImageBase, image: CodeImage | null): void {
  memory.set(base.bytes)
  memory.fill(0, base.bytes.length)
  if (image) for (const [place, page] of image.pages.entries()) memory.set(image.bytes.subarray(place * PAGE, (place + 1) * PAGE), page * PAGE)
}
