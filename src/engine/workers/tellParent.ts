// Says something to the process that started this one.

/** Resolves when the message is on its way, or nobody is there to get it: a parent that was killed is no failure of ours. */
export const tellParent = <Message>(message: Message): Promise<void> =>
  new Promise((resolve) => (process.connected ? process.send?.(message, undefined, undefined, () => resolve()) : resolve()))
