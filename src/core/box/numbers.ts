// The numbers of questions: those that every question of a suite has, and those that are a task's own.

const NUMBER = /\d+(?:\.\d+)?/g

const numbersIn = (question: string): number[] => (question.match(NUMBER) ?? []).map(Number)

/** Numbers that stand in every question: what all tasks share is no parameter. */
export function commonNumbers(questions: readonly string[]): number[] {
  const [first, ...others] = questions.map((question) => new Set(numbersIn(question)))
  return [...(first ?? [])].filter((number) => others.every((numbers) => numbers.has(number)))
}

/** A question's numbers in order, without one of each common number. */
export function ownNumbers(question: string, common: readonly number[]): number[] {
  const own = numbersIn(question)
  for (const number of common) {
    // The one that the question names apart from its list stands at the list's end or before it, never within.
    const at = own[0] === number ? 0 : own.lastIndexOf(number)
    if (at >= 0) own.splice(at, 1)
  }
  return own
}
