// What happens in composed problems.
import type { Event } from './piece.ts'

const GAINING = ['buy', 'get', 'receive', 'collect', 'find', 'order', 'pick up', 'obtain', 'import', 'borrow', 'make', 'gather', 'win', 'purchase', 'acquire']
const LOSING = ['sell', 'give away', 'lose', 'use', 'donate', 'lend', 'throw away', 'send off', 'export', 'hand out', 'discard', 'ship', 'use up', 'pass on', 'remove']
const GONE = '(sold|stolen|broken|lent out|thrown away|damaged|given away|used|shipped|lost|taken away|destroyed|burned|sent back|eaten by mice|recalled)'
const PURPOSE = '(for repairs|for tools|for rent|for food|in taxes|as a fine|for a machine|for the journey|to a friend|to a charity)'

export const EVENTS: readonly Event[] = [
  {
    name: 'gain', effect: 'more', domains: ['count', 'mass'], numbers: { x: 'change' }, moves: [['S+x', '{x} <V:pp>']], verbs: GAINING,
    forms: ['{S} <V> {x} more {things}', '{S} <V> another {x} {things}', '{S} <V> {x} {things} (in addition|on top of that|as well|from {other}|too)', '{S} <V> {x} (more|further ones|new ones)', 'another {x} {things} <be:p> <V:pp> (by {O}|)'],
  },
  {
    name: 'arrival', effect: 'more', domains: ['count', 'mass'], numbers: { x: 'change' }, moves: [['S+x', '{x} more']],
    forms: [
      '{x} (more |new |further |additional ){things} (<arrive:p>|<come:p> in|<be:p> delivered|<be:p> added|<be:p> brought)', 'a delivery (of|with) {x} (more |){things} (<arrive:s>|<come:s> in)', 'the number of {things} (<grow:s>|<rise:s>|<go:s> up|<increase:s>) by {x}',
      'a (van|ship|train|truck) <bring:s> {x} (more |){things}', '{other} (<give:s>|<send:s>|<lend:s>|<bring:s>) {O} {x} (more |){things}', '{x} {things} <be:p> (found|put) there (too|as well|later)',
    ],
  },
  {
    name: 'loss', effect: 'less', domains: ['count', 'mass'], numbers: { x: 'change' }, moves: [['S-x', '{x} gone']], verbs: LOSING,
    forms: ['{S} <V> {x} {things}', '{S} <V> {x} of (them|these|the {things})', '{S} <V> {x} {things} (in {month}|on {day}|)', '{S} (<give>|<sell>|<send>|<lend>) {x} {things} to {other}', '{x} {things} <be:p> <V:pp> (by {O}|)', '{S} <have> to <V:base> {x} (of them|{things})'],
  },
  {
    name: 'gone', effect: 'less', domains: ['count'], numbers: { x: 'change' }, moves: [['S-x', '{x} gone']],
    forms: [
      `{x} (of them|of the {things}|{things}) <be:p> ${GONE}`, '{other} (<take:s>|<borrow:s>|<buy:s>|<steal:s>|<get:s>) {x} of (them|the {things})', 'the number of {things} (<fall:s>|<drop:s>|<go:s> down|<decrease:s>) by {x}',
      '{x} {things} (<get:p> lost|<go:p> missing|<break:p>|<disappear:p>)', '{x} (of them|{things}) <turn:p> out to be (faulty|broken|useless)', 'a fire <destroy:s> {x} (of them|{things})', '{x} {things} <leave:p> the {place}',
    ],
  },
  {
    name: 'lots in', effect: 'more', domains: ['count'], numbers: { x: 'groups', y: 'each' }, moves: [['x*y', '{x} times {y} come in'], ['S+1', 'they are added']], verbs: GAINING,
    forms: ['{S} <V> {x} (more |){packs} (with|of) {y} {things} each', '{x} {packs} of {y} {things} (each |)(<arrive:p>|<be:p> delivered|<be:p> added)', '{y} {things} <come:p> in every {period} for {x} {periods}', 'each of {x} {groups} <send:s> {y} (more |){things}'],
  },
  {
    name: 'lots out', effect: 'less', domains: ['count', 'mass'], numbers: { x: 'groups', y: 'groups' }, moves: [['x*y', '{x} times {y} go out'], ['S-1', 'they are gone']], verbs: LOSING,
    forms: ['{S} <V> {x} {packs} (with|of) {y} {things} each', '{S} (<give>|<send>|<sell>) {y} {things} to each of {x} {groups}', '{S} <V> {y} {things} (a|every|each) {period} for {x} {periods}', '{x} {groups} (<take:p>|<get:p>|<buy:p>) {y} {things} each'],
  },
  {
    name: 'two losses', effect: 'less', domains: ['count', 'mass'], numbers: { x: 'change', y: 'change' }, moves: [['S-x', '{x} gone'], ['1-y', '{y} gone']], verbs: LOSING,
    forms: ['{S} <V> {x} {things} on {day} and {y} on {next}', '{S} <V> {x} {things} in {month} and another {y} in {later}', '{S} <V> first {x} {things} and then {y} (more|)', '{S} (<give>|<sell>|<send>|<lend>) {x} {things} to {other} and {y} to {third}'],
  },
  {
    name: 'earn', effect: 'more', domains: ['money'], numbers: { x: 'change' }, moves: [['S+x', '{x} euros come in']], verbs: ['earn', 'receive', 'get', 'win', 'collect', 'borrow', 'inherit', 'take in'],
    forms: ['{S} <V> {x} (more |)euros', '{S} <V> another {x} euros', '{S} <V> {x} euros (from {other}|more)', '{S} <get> {x} euros as a (bonus|gift)', '{other} (<give:s>|<lend:s>|<pay:s>|<send:s>) {O} {x} euros', '{x} euros <come:p> in (from {other}|)', 'a (bonus|gift|refund|grant) of {x} euros <be:s> (added|paid)'],
  },
  {
    name: 'spend', effect: 'less', domains: ['money'], numbers: { x: 'change' }, moves: [['S-x', '{x} euros go out']], verbs: ['spend', 'pay', 'lose', 'donate', 'give away', 'lend'],
    forms: ['{S} <V> {x} euros', `{S} <pay> {x} euros ${PURPOSE}`, '{x} euros <be:p> (spent|paid|lost|stolen|donated) (by {O}|)', '(taxes|fees|repairs|wages|a new roof|damages) <cost:p> {x} euros', `{x} euros <go:p> away ${PURPOSE}`, '{other} <get:s> {x} euros of it'],
  },
  {
    name: 'purchase', effect: 'less', domains: ['money'], numbers: { x: 'groups', y: 'groups' }, moves: [['x*y', '{x} times {y} euros'], ['S-1', 'that is paid']],
    forms: ['{S} <buy> {x} {goods} (at|for) {y} euros (each|apiece)', '{S} <pay> {x} (workers|helpers) {y} euros each', '{S} <spend> {y} euros (a|every|each) {period} for {x} {periods}', 'for {x} {goods} {S} <pay> {y} euros each'],
  },
]
