// The out-of-domain templates: sentences, nouns and orders of quantities that no task for training has.
import type { Template } from './template.ts'

export const UNSEEN: readonly Template[] = [
  {
    family: 'u-reservoir',
    text: 'By midnight the pumping crew had drained {c} gallons out of a reservoir that was filled by {b} tanker lorries, each of which had poured in {a} gallons. What volume of water, in gallons, is still in the reservoir?',
    goal: 'the gallons still in the reservoir',
    numbers: { a: 'each', b: 'groups', c: 'change' },
    moves: [['a*b', '{b} lorries with {a} gallons each'], ['1-c', '{c} gallons drained']],
  },
]
