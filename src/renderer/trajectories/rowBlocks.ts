// The part of a long list that is in the document: blocks of rows that are used again further on while it is scrolled.
// Each block is a layer of its own, so that one that moves or is written anew leaves the others as they were painted.
import type { TrajectoryLine } from '../../shared/contract/routes/trajectories.ts'
import { createRow, type RowElement, type RowWords } from './rowElement.ts'

/** Rows of a block: a page of lines holds a whole number of blocks. */
export const BLOCK_ROWS = 10
/** Blocks beside those in view, on each side. */
const BESIDE = 1

export type View = { readonly top: number; readonly height: number }
export type ShownList = {
  readonly total: number
  readonly rowHeight: number
  readonly line: (index: number) => TrajectoryLine | undefined
  readonly selected: ReadonlySet<string>
  readonly cursor: number
}

export type RowBlocks = {
  /** Puts the rows of the view in their places and writes what has changed. */
  draw(list: ShownList, view: View): void
}

type Block = { readonly element: HTMLElement; readonly rows: readonly RowElement[]; place: string; toCome: boolean | null; used: boolean }

/** The blocks for a view: the first, and how many, the same wherever the list is scrolled to. */
export function blocksFor({ total, rowHeight }: Pick<ShownList, 'total' | 'rowHeight'>, { top, height }: View): { first: number; count: number } {
  const blockHeight = rowHeight * BLOCK_ROWS
  const all = Math.ceil(total / BLOCK_ROWS)
  const count = Math.min(all, Math.ceil(height / blockHeight) + 1 + 2 * BESIDE)
  const first = Math.floor(top / blockHeight) - BESIDE
  return { first: Math.max(0, Math.min(first, all - count)), count }
}

/** `canvas`: of the height of all rows; `pattern`: the element each row is a copy of. */
export function createRowBlocks(canvas: HTMLElement, pattern: HTMLElement, words: RowWords): RowBlocks {
  const pool: Block[] = []
  function addBlock(): void {
    const [element, body] = [document.createElement('div'), document.createElement('div')]
    element.className = 'trajectory-block'
    for (const part of [element, body]) part.setAttribute('role', 'presentation')
    const rows = Array.from({ length: BLOCK_ROWS }, () => createRow(pattern, words))
    body.append(...rows.map((row) => row.element))
    element.append(body)
    canvas.append(element)
    pool.push({ element, rows, place: '', toCome: null, used: true })
  }

  function put({ element, rows, place, toCome }: Block, number: number, list: ShownList): { place: string; toCome: boolean } {
    const from = number * BLOCK_ROWS
    const now = `translateY(${from * list.rowHeight}px)`
    if (place !== now) element.style.transform = now
    const end = Math.min(list.total, from + BLOCK_ROWS)
    let waits = false
    for (let index = from; index < end; index += 1) waits ||= list.line(index) === undefined
    if (toCome !== waits) {
      element.classList.toggle('to-come', waits)
      if (waits) element.dataset['testid'] = 'row-to-come'
      else delete element.dataset['testid']
    }
    if (!waits) {
      rows.forEach((row, offset) => {
        const index = from + offset
        const line = index < end ? list.line(index)! : null
        row.show(line, { index, selected: line !== null && list.selected.has(line.id), current: index === list.cursor })
      })
    }
    return { place: now, toCome: waits }
  }

  return {
    draw(list, view) {
      const { first, count } = blocksFor(list, view)
      while (pool.length < count) addBlock()
      pool.forEach((block, place) => {
        const number = first + ((place - (first % pool.length) + pool.length) % pool.length)
        const used = number < first + count
        if (used !== block.used) block.element.hidden = !used
        Object.assign(block, { used }, used ? put(block, number, list) : {})
      })
    },
  }
}
