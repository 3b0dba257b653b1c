// Keys that are pressed while a trajectory is being opened: they are meant for it, and given to it when it is there.

/** After so long nobody waits for what the keys were meant for. */
const MOST_MS = 3000

let held: KeyboardEvent[] | null = null
let timer: ReturnType<typeof setTimeout> | undefined

/** A key that acts by itself: with a modifier it is the browser's or a command of every screen. */
const isPlain = ({ ctrlKey, altKey, metaKey }: KeyboardEvent): boolean => !ctrlKey && !altKey && !metaKey

function hold(event: KeyboardEvent): void {
  if (!held || !isPlain(event)) return
  event.preventDefault()
  event.stopImmediatePropagation()
  held.push(event)
}

function stop(): KeyboardEvent[] {
  clearTimeout(timer)
  window.removeEventListener('keydown', hold, { capture: true })
  const keys = held ?? []
  held = null
  return keys
}

/** From now on plain keys wait, for `releaseKeys`. */
export function holdKeys(): void {
  stop()
  held = []
  window.addEventListener('keydown', hold, { capture: true })
  timer = setTimeout(stop, MOST_MS)
}

/** Gives the keys that wait to what is on the screen now, in their order. */
export function releaseKeys(): void {
  for (const { key, code, shiftKey } of stop()) {
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key, code, shiftKey, bubbles: true, cancelable: true }))
  }
}

/** Forgets the keys that wait: what they were meant for does not come. */
export const dropKeys = (): void => void stop()

/** The text of plain keys pressed from now on, until it is asked for. `cancel`: Esc was pressed. */
export function collectText(cancel: () => void): () => string {
  let text = ''
  const take = (event: KeyboardEvent): void => {
    if (!isPlain(event)) return
    event.preventDefault()
    event.stopImmediatePropagation()
    if (event.key.length === 1) text += event.key
    else if (event.key === 'Enter') text += '\n'
    else if (event.key === 'Backspace') text = text.slice(0, -1)
    else if (event.key === 'Escape') cancel()
  }
  window.addEventListener('keydown', take, { capture: true })
  return () => {
    window.removeEventListener('keydown', take, { capture: true })
    return text
  }
}
