// Two tokenizations of one text side by side: groups that begin and end at the same byte (as in GOLD and ULD).

/** Half-open ranges of token numbers on both sides, and where the group begins and ends in the text, in UTF-8 bytes. */
export type AlignmentGroup = {
  readonly student: readonly [from: number, to: number]
  readonly teacher: readonly [from: number, to: number]
  readonly bytes: readonly [from: number, to: number]
}

/**
 * Walks both sequences by their bytes and closes a group wherever both have a boundary. `student` and `teacher` are the byte
 * lengths of their tokens (0 for a token without text, which joins the group that follows it, at the end the last one). Throws
 * when the lengths do not add up to the same text.
 *
 * At the beginning of a group both have read the same bytes, so their next-token distributions answer one question: that is
 * where they are compared. Inside a group they are not: what the teacher says of the group as a whole is in its row at the
 * beginning (see `rowOfGroup`).
 */
export function alignmentGroups(student: readonly number[], teacher: readonly number[]): AlignmentGroup[] {
  const groups: AlignmentGroup[] = []
  const [ours, theirs] = [walk(student), walk(teacher)]
  let from = { student: 0, teacher: 0, byte: 0 }
  while (ours.more() && theirs.more()) {
    ours.take()
    theirs.take()
    while (ours.byte !== theirs.byte) {
      const behind = ours.byte < theirs.byte ? ours : theirs
      if (!behind.more()) throw notOneText(student, teacher)
      behind.take()
    }
    if (ours.byte === from.byte) continue
    groups.push({ student: [from.student, ours.token], teacher: [from.teacher, theirs.token], bytes: [from.byte, ours.byte] })
    from = { student: ours.token, teacher: theirs.token, byte: ours.byte }
  }
  while (ours.more()) ours.take()
  while (theirs.more()) theirs.take()
  if (ours.byte !== theirs.byte || ours.byte !== from.byte) throw notOneText(student, teacher)
  const last = groups.at(-1)
  if (last) groups[groups.length - 1] = { ...last, student: [last.student[0], student.length], teacher: [last.teacher[0], teacher.length] }
  return groups
}

function walk(lengths: readonly number[]) {
  return {
    token: 0,
    byte: 0,
    more() {
      return this.token < lengths.length
    },
    take() {
      this.byte += lengths[this.token++] as number
    },
  }
}

const notOneText = (student: readonly number[], teacher: readonly number[]): Error => {
  const sum = (lengths: readonly number[]): number => lengths.reduce((total, length) => total + length, 0)
  return new Error(`alignmentGroups: expected two tokenizations of one text, found ${sum(student)} and ${sum(teacher)} bytes`)
}
