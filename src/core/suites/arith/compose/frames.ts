// What composed problems begin with.
import type { Frame } from './piece.ts'

const MAKING = ['make', 'produce', 'collect', 'gather', 'print', 'paint', 'build', 'sort', 'repair', 'assemble', 'pick up', 'wash', 'buy', 'receive', 'finish', 'check', 'pack', 'order', 'clean', 'polish']
const OWNING = ['have', 'own', 'keep', 'hold']

export const FRAMES: readonly Frame[] = [
  {
    name: 'have', size: 'large', numbers: { x: 'stock' }, moves: [], verbs: OWNING, domains: ['count', 'mass'],
    forms: [
      '{S} <V> {x} {things}', '{S} (already |at first |)<have> {x} {things}', '{S} <start> (out |)with {x} {things}', '{x} {things} <belong:p> to {O}', '{x} {things} <lie:p> in the {place}',
      'there <be:p> {x} {things} (in the {place}|in store|in stock) (at first|)', 'in the (morning|beginning) {S} <have> {x} {things}', 'a total of {x} {things} <be:p> (counted|stored|kept) in the {place}',
      'the stock (in the {place}|) <be:s> {x} {things}', '{S} (<count>|<store>) {x} {things}', '{owner} stock <be:s> {x} {things}',
    ],
  },
  {
    name: 'money', size: 'large', numbers: { x: 'stock' }, moves: [], domains: ['money'],
    forms: [
      '{S} <have> {x} euros', '{S} <own> {x} euros', '{S} <start> with {x} euros', 'there <be:p> {x} euros in (the fund|the account|the cash box|{owner} account)', '{owner} savings <be:p> {x} euros', '{S} <keep> {x} euros (at home|in the bank)',
      '{S} <earn> {x} euros', '{S} <win> {x} euros', 'the budget <be:s> {x} euros',
    ],
  },
  {
    name: 'groups', size: 'large', numbers: { x: 'groups', y: 'each' }, moves: [['x*y', '{x} {boxes} with {y} {things} each']], verbs: [...OWNING, 'store', 'buy', 'fill', 'order', 'count'], domains: ['count', 'mass'],
    forms: [
      '{S} <V> {x} {boxes} (with|of) {y} {things} each', '{S} <have> {x} {boxes}, and (each|every) {box} (<hold:s>|<contain:s>) {y} {things}', 'each of {owner} {x} {boxes} (<hold:s>|<contain:s>) {y} {things}',
      'there <be:p> {y} {things} in each of the {x} {boxes} that {S} <have>', '{S} <store> {y} {things} per {box} in {x} {boxes}', '{x} {boxes} of {y} {things} each <belong:p> to {O}', '{S} <fill> {x} {boxes} with {y} {things} apiece',
      'in every {box} <be:p> {y} {things}, and there <be:p> {x} (such |){boxes}', 'there <be:p> {x} {boxes} (in the {place}|) with {y} {things} in each', 'every one of {x} {boxes} <hold:s> {y} {things}',
      '(a|each) {box} <hold:s> {y} {things}, and {S} <have> {x} of these {boxes}',
    ],
  },
  {
    name: 'rate', size: 'large', numbers: { x: 'groups', y: 'each' }, moves: [['x*y', '{y} {things} every {period}, {x} {periods}']], verbs: MAKING, domains: ['count'],
    forms: [
      '{S} <V> {y} {things} (a|per|each|every) {period} for {x} {periods}', 'for {x} {periods} {S} <V> {y} {things} (a|every|each) {period}', 'in each of {x} {periods} {S} <V> {y} {things}',
      '(every|each) {period}, {S} <V> {y} {things}, and this <go:s> on for {x} {periods}', '{y} {things} <be:p> <V:pp> (every|each) {period} (over|for|during) {x} {periods}', '{S} <V> {y} {things} a {period} and <work> for {x} {periods}',
      'over {x} {periods}, {y} {things} <be:p> <V:pp> per {period}',
    ],
  },
  {
    name: 'income', size: 'large', numbers: { x: 'groups', y: 'each' }, moves: [['x*y', '{y} euros every {period}, {x} {periods}']], domains: ['money'],
    forms: [
      '{S} (<earn>|<save>|<collect>|<receive>) {y} euros (a|per|each|every) {period} for {x} {periods}', 'in {x} {periods} {S} (<earn>|<make>|<take> in) {y} euros (a|each|every) {period}', '{y} euros <come:p> in (every|each) {period} for {x} {periods}',
      'for {x} {periods} {S} <put> aside {y} euros a {period}',
    ],
  },
  {
    name: 'sales', size: 'large', numbers: { x: 'groups', y: 'each' }, moves: [['x*y', '{x} at {y} euros each']], domains: ['money'],
    forms: [
      '{S} <sell> {x} {goods} (at|for) {y} euros (each|apiece)', '{x} {goods} <be:p> sold, each (for|at) {y} euros', '{x} {goods} <be:p> sold at a price of {y} euros', 'for each of {x} {goods} {S} <get> {y} euros',
      'each of {x} (guests|members|visitors|pupils|customers) <pay:s> {y} euros', '{x} (guests|members|visitors|pupils|customers) <pay:p> {y} euros each', 'an order for {x} {goods} <bring:s> in {y} euros for each',
    ],
  },
  {
    name: 'share', size: 'small', passesTo: 'each', numbers: { x: 'much', y: 'groups' }, moves: [['x/y', '{x} {things} shared by {y} {groups}']], verbs: ['share', 'divide', 'split', 'distribute'],
    forms: [
      '{x} {things} <be:p> <V:pp> (equally|evenly) (among|between) {y} {groups}', '{y} {groups} <share:p> {x} {things} (equally|evenly)', '{x} {things} <be:p> handed out to {y} {groups}, the same number to each', '{S} <V> {x} {things} equally (among|between) {y} {groups}',
      '{y} {groups} <get:p> the same (share|part) of {x} {things}', '{x} {things} <be:p> for {y} {groups}, (and each gets the same number|in equal parts)',
    ],
  },
  {
    name: 'two kinds', size: 'large', numbers: { x: 'stock', y: 'change' }, moves: [['x+y', '{x} {colour} and {y} {shade} {things}']], verbs: OWNING, domains: ['count'],
    forms: [
      '{S} <V> {x} {colour} {things} and {y} {shade} (ones|{things})', 'there <be:p> {x} {colour} and {y} {shade} {things} (in the {place}|)', '{S} <have> two kinds of {things}, {x} {colour} ones and {y} {shade} ones', '{x} {colour} {things} and {y} {shade} ones <belong:p> to {O}',
      'besides {y} {shade} {things}, {S} <have> {x} {colour} ones',
    ],
  },
  {
    name: 'two days', size: 'large', numbers: { x: 'change', y: 'change' }, moves: [['x+y', '{x} and {y} together']], verbs: MAKING, domains: ['count', 'mass'],
    forms: ['{S} <V> {x} {things} on {day} and {y} on {next}', 'on {day} {S} <V> {x} {things}, on {next} {y} more', '{S} <V> {x} {things} in {month} and {y} (more |)in {later}', '{x} {things} <come:p> in {month}, another {y} in {later}'],
  },
  {
    name: 'without', size: 'large', numbers: { x: 'much', y: 'change' }, moves: [['x-y', '{y} of {x} do not count']], domains: ['count'],
    forms: [
      'of {x} {things} (in the {place}|), {y} <be:p> (broken|stolen|sold|lost|sent back|useless|damaged)', '{y} of {owner} {x} {things} <be:p> (broken|stolen|sold|lost|sent back|damaged)', 'out of {x} {things}, {S} (<lose>|<sell>|<give> away|<use>|<throw> away) {y}',
      '{S} <have> {x} {things}, of which {y} <be:p> (broken|sold|lost|useless|lent out)', 'there <be:p> {x} {things}, but {y} of them <be:p> (broken|missing|sold|faulty)',
    ],
  },
  {
    name: 'groups and loose', size: 'large', numbers: { x: 'groups', y: 'each', z: 'change' }, moves: [['x*y', '{x} {boxes} with {y} each'], ['1+z', '{z} beside them']], verbs: [...OWNING, 'buy', 'count'], domains: ['count'],
    forms: [
      '{S} <V> {x} {boxes} (with|of) {y} {things} each and {z} (single|loose) {things}', 'beside {z} loose {things}, {S} <V> {x} {boxes} with {y} {things} in each', 'there <be:p> {x} {boxes} with {y} {things} each, and {z} {things} without a {box}', '{z} {things} <lie:p> on the floor, and {x} {boxes} <hold:p> {y} {things} each',
    ],
  },
  {
    name: 'two lots', size: 'large', numbers: { x: 'groups', y: 'each', z: 'groups', w: 'each' }, moves: [['x*y', '{x} {boxes} with {y} each'], ['z*w', '{z} {packs} with {w} each'], ['1+2', 'both lots']], verbs: [...OWNING, 'buy', 'order'], domains: ['count'],
    forms: [
      '{S} <V> {x} {boxes} (with|of) {y} {things} each and {z} {packs} (with|of) {w} {things} each', 'there <be:p> {x} {boxes} with {y} {things} in each and {z} {packs} with {w} {things} in each', '{x} {boxes} <hold:p> {y} {things} each, {z} {packs} {w} each',
      'in {month} {S} <buy> {x} {boxes} of {y} {things}, in {later} {z} {packs} of {w}',
    ],
  },
  {
    name: 'nested', size: 'large', numbers: { x: 'groups', y: 'groups', z: 'groups' }, moves: [['x*y', '{x} {groups} with {y} {boxes} each'], ['1*z', '{z} {things} in every {box}']], domains: ['count'],
    forms: [
      '{x} {groups} <have:p> {y} {boxes} each, and every {box} <hold:s> {z} {things}', 'each of {x} {groups} <get:s> {y} {boxes} of {z} {things}', 'there <be:p> {z} {things} in a {box}, {y} {boxes} for a {group}, and {x} {groups}', '{S} <send> {y} {boxes} with {z} {things} each to every one of {x} {groups}',
    ],
  },
  {
    name: 'two periods', size: 'large', numbers: { x: 'groups', y: 'groups', z: 'each' }, moves: [['x+y', '{x} and {y} {periods} together'], ['1*z', '{z} {things} every {period}']], verbs: MAKING, domains: ['count'],
    forms: [
      '{S} <V> {z} {things} (a|per|every) {period}, for {x} {periods} in one place and for {y} {periods} in another', '{S} <work> {x} {periods} and then {y} (more |){periods}, and <V> {z} {things} (a|per|every) {period}',
      'for {x} {periods}, and after a (break|rest) for {y} {periods} more, {S} <V> {z} {things} (each|every) {period}',
    ],
  },
  {
    name: 'two workers', size: 'large', passesTo: 'both', numbers: { x: 'each', y: 'each', z: 'groups' }, moves: [['x+y', '{x} and {y} {things} together every {period}'], ['1*z', '{z} {periods}']], verbs: MAKING, domains: ['count'],
    forms: [
      '{other} <V:s> {x} {things} a {period} and {third} <V:s> {y}; (they do so|both do it) for {z} {periods}', 'for {z} {periods}, {other} <V:s> {x} {things} and {third} <V:s> {y} {things} (every|each) {period}',
    ],
  },
  {
    name: 'some empty', size: 'large', numbers: { x: 'groups', z: 'groups', y: 'each' }, moves: [['x-z', '{z} of {x} {boxes} are empty'], ['1*y', '{y} {things} in each of the others']], domains: ['count'],
    forms: [
      '{S} <have> {x} {boxes}; {z} of them <be:p> empty, and the others <hold:p> {y} {things} each', 'of {x} {boxes}, {z} <be:p> empty, while every other {box} <hold:s> {y} {things}', 'there <be:p> {x} {boxes} for {y} {things} each, but {z} of the {boxes} <be:p> not (filled|used)',
    ],
  },
  {
    name: 'less in each', size: 'large', numbers: { x: 'groups', y: 'each', z: 'groups' }, moves: [['y-z', '{z} of {y} {things} missing in each'], ['1*x', '{x} {boxes}']], domains: ['count'],
    forms: [
      '{x} {boxes} should hold {y} {things} each, but in every {box} {z} <be:p> missing', 'each of {x} {boxes} had {y} {things} in it until {S} took {z} out of every {box}', 'from each of {x} {boxes} with {y} {things}, {z} {things} <be:p> taken out',
    ],
  },
  {
    name: 'more in each', size: 'large', numbers: { x: 'groups', y: 'each', z: 'groups' }, moves: [['y+z', '{y} and {z} more in each'], ['1*x', '{x} {boxes}']], domains: ['count'],
    forms: ['{x} {boxes} <hold:p> {y} {things} each, and {z} more <be:p> put into every {box}', 'each of {x} {boxes} <get:s> {z} {things} in addition to its {y}', 'into each of {x} {boxes} with {y} {things}, {S} <put> {z} more'],
  },
]
