// The fixed templates for training.
import type { Template } from './template.ts'

export const TEMPLATES: readonly Template[] = [
  {
    family: 't-make-break',
    text: 'A {maker} makes {a} {things} a {period} for {b} {periods}. {c} of them turn out to be broken. How many good {things} are there?',
    goal: 'the good {things}',
    numbers: { a: 'each', b: 'groups', c: 'change' },
    moves: [['a*b', '{a} {things} a {period} for {b} {periods}'], ['1-c', '{c} are broken']],
  },
  {
    family: 't-share-extra',
    text: '{a} {things} are divided equally among {b} {groups}. One {group} gets {c} {things} on top. How many {things} does that {group} have?',
    goal: 'the {things} of that {group}',
    numbers: { a: 'much', b: 'groups', c: 'change' },
    moves: [['a/b', '{a} {things} among {b} {groups}'], ['1+c', '{c} on top for one {group}']],
  },
]
