// What composed problems ask at their end, and the facts that only the question needs.
import type { Closing } from './piece.ts'

const ASK = '(find|work out|compute|calculate|determine|give)'

export const CLOSINGS: readonly Closing[] = [
  {
    name: 'left', after: 'less', numbers: {}, moves: [], forms: [], goal: 'the {things} that are left',
    questions: [
      'how many {things} <do> {S} (have left|still have|keep)', 'how many {things} (are left|remain|are still there|are left over)', `!${ASK} the number of {things} that (remain|are left)`, 'what is left, in {things}', 'how many of the {things} (remain|are left|does that leave)',
      'with how many {things} <do> {S} end up', 'how many {things} (are not gone|stay behind)',
    ],
  },
  {
    name: 'now', numbers: {}, moves: [], forms: [], goal: 'the {things} there are in the end',
    questions: [
      'how many {things} <do> {S} have (now|then|in the end|after that|at the end|altogether|in total)', 'how many {things} are there (now|then|in the end|altogether|in all|in total|after that)', `!${ASK} the number of {things} (now|in the end|at the end)`, 'what is the number of {things} (now|in the end|after all this)',
      '!(find out|work out|compute) how many {things} there are (now|in the end|in total)', 'how many {things} does that make (in all|altogether|)', 'what <do> {S} have in the end, in {things}', 'how many {things} <do> {S} end up with',
    ],
  },
  {
    name: 'share out', domains: ['count', 'mass', 'money'], subjects: ['person', 'place', 'speaker', 'pair'], numbers: { x: 'groups' }, moves: [['S/x', 'shared by {x} {groups}']], goal: 'the {things} of each {group}',
    forms: ['{S} <divide> (all of it|everything|what there is|the whole) (equally|evenly) (among|between) {x} {groups}', 'everything <be:s> (shared|split|divided) (equally|evenly) (among|between) {x} {groups}', '{x} {groups} <get:p> equal (shares|parts) of (it|that)'],
    questions: ['how many {things} does (each|every|one) {group} get', 'what does (each|one) {group} (get|receive), in {things}', `!${ASK} the number of {things} for (each|one) {group}`, 'how many {things} are there (for each {group}|per {group})'],
  },
  {
    name: 'pack', domains: ['count'], subjects: ['person', 'place', 'speaker', 'pair'], numbers: { x: 'groups' }, moves: [['S/x', '{x} {things} in each {pack}']], early: true, goal: 'the {packs}',
    forms: ['(one|a|each) {pack} <hold:s> {x} {things}', '{x} {things} <fit:p> into (a|one|each) {pack}', 'the {things} <be:p> (packed|put) into {packs} (of|that hold) {x}', 'a full {pack} <have:s> {x} {things} in it'],
    questions: ['how many {packs} (are needed|are filled|does that make|can be filled)', 'how many {packs} <do> {S} need (for all the {things}|)', `!${ASK} the number of full {packs}`],
  },
  {
    name: 'price', domains: ['count'], subjects: ['person', 'place', 'speaker', 'pair'], numbers: { x: 'groups' }, moves: [['S*x', '{x} euros for each {thing}']], early: true, goal: 'the euros for all of them',
    forms: ['(each|one|a) {thing} (<cost:s>|<be:s> worth|<sell:s> for) {x} euros', 'the price of (a|one) {thing} <be:s> {x} euros', 'for (each|a) {thing} <be:p> {x} euros to be paid'],
    questions: ['how many euros (are all the {things} worth|do all the {things} cost|is that in all)', 'what are the {things} worth (together|altogether), in euros', `!${ASK} the value of all the {things} in euros`, 'how much money is that for all the {things}'],
  },
  {
    name: 'weight', domains: ['count'], subjects: ['person', 'place', 'speaker', 'pair'], numbers: { x: 'groups' }, moves: [['S*x', '{x} grams for each {thing}']], early: true, goal: 'the weight of all of them',
    forms: ['(each|one|a) {thing} <weigh:s> {x} grams', 'the weight of (one|a) {thing} <be:s> {x} grams'],
    questions: ['what do all the {things} weigh (together|in all), in grams', 'how many grams do the {things} weigh', `!${ASK} the total weight in grams`],
  },
  {
    name: 'unit price', domains: ['mass'], subjects: ['person', 'place', 'speaker', 'pair'], numbers: { x: 'groups' }, moves: [['S*x', '{x} euros for each {thing}']], early: true, goal: 'the euros for all of it',
    forms: ['(a|one|each) {thing} of {stuff} (<cost:s>|<be:s> worth) {x} euros', 'the price of {stuff} <be:s> {x} euros per {thing}'],
    questions: ['how many euros is the {stuff} worth', 'what is all the {stuff} worth in euros', 'how much does the {stuff} cost, in euros'],
  },
  {
    name: 'more than another', domains: ['count', 'money', 'mass'], subjects: ['person', 'place'], numbers: { x: 'change' }, moves: [['S-x', 'compared with {x}']], goal: 'how many more {things} it is',
    forms: ['{other} <have:s> {x} {things}', '{x} {things} <belong:p> to {other}'],
    questions: ['how many (more {things} <do> {S} have than {other}|fewer {things} does {other} have than {O})', 'what is the difference between the two', 'by how many {things} <do> {S} have more than {other}', 'how many {things} does {other} have less than {O}'],
  },
  {
    name: 'together', domains: ['count', 'money', 'mass'], subjects: ['person', 'place'], numbers: { x: 'stock' }, moves: [['S+x', '{x} of {other}']], goal: 'the {things} of both together',
    forms: ['{other} <have:s> {x} {things}', '{x} {things} <belong:p> to {other}', 'another {x} {things} <be:p> with {other}'],
    questions: ['how many {things} do {O} and {other} have (together|altogether|in all)', 'how many {things} do the two have (together|between them|in total)', 'what do both have together, in {things}'],
  },
  {
    name: 'another has more', domains: ['count', 'money', 'mass'], subjects: ['person', 'place'], numbers: { x: 'change' }, moves: [['S+x', '{other} has {x} more']], goal: 'the {things} of {other}',
    forms: ['{other} <have:s> {x} more {things} than {O}', '{other} <have:s> as many {things} as {O}, and {x} more', 'compared with {O}, {other} <have:s> {x} {things} more'],
    questions: ['how many {things} does {other} have', 'what is the number of {things} that {other} has'],
  },
  {
    name: 'another has less', domains: ['count', 'money', 'mass'], subjects: ['person', 'place'], numbers: { x: 'change' }, moves: [['S-x', '{other} has {x} less']], goal: 'the {things} of {other}',
    forms: ['{other} <have:s> {x} (fewer|less) {things} than {O}', '{other} <lack:s> {x} {things} to have as many as {O}', '{O} <have:s> {x} more {things} than {other}'],
    questions: ['how many {things} does {other} have', 'what is the number of {things} that {other} has'],
  },
  {
    name: 'another has times', domains: ['count', 'money', 'mass'], subjects: ['person', 'place'], numbers: { x: 'groups' }, moves: [['S*x', '{other} has {x} times as many']], goal: 'the {things} of {other}',
    forms: ['{other} <have:s> {x} times as many {things} as {O}', '{other} <have:s> {x} times {owner} number of {things}'],
    questions: ['how many {things} does {other} have', 'what is the number of {things} that {other} has'],
  },
  {
    name: 'both, one with more', domains: ['count'], subjects: ['person', 'place'], numbers: { x: 'change' }, moves: [['S+x', '{other} has {x} more'], ['S+1', 'both together']], goal: 'the {things} of both together',
    forms: ['{other} <have:s> {x} more {things} than {O}', '{other} <have:s> as many {things} as {O}, and {x} more'],
    questions: ['how many {things} do the two have (together|in all|between them)', 'how many {things} do {O} and {other} have together'],
  },
  {
    name: 'both, one with less', domains: ['count'], subjects: ['person', 'place'], numbers: { x: 'change' }, moves: [['S-x', '{other} has {x} less'], ['S+1', 'both together']], goal: 'the {things} of both together',
    forms: ['{other} <have:s> {x} (fewer|less) {things} than {O}', '{O} <have:s> {x} more {things} than {other}'],
    questions: ['how many {things} do the two have (together|in all|between them)', 'how many {things} do {O} and {other} have together'],
  },
  {
    name: 'missing', domains: ['count', 'money', 'mass'], subjects: ['person', 'place', 'speaker', 'pair'], numbers: { x: 'much' }, moves: [['x-S', '{x} are needed']], goal: 'the {things} that are missing',
    forms: ['{S} <need> {x} {things} (in all|altogether)', '{S} <want> to have {x} {things}', '{x} {things} <be:p> needed', 'the (goal|order|plan) <be:s> {x} {things}'],
    questions: ['how many (more {things} are needed|{things} are still missing|{things} are lacking)', 'how many more {things} <do> {S} need', `!${ASK} the number of {things} that are (still |)missing`],
  },
  {
    name: 'can buy', domains: ['money'], subjects: ['person', 'place', 'speaker', 'pair'], numbers: { x: 'groups' }, moves: [['S/x', '{x} euros for each']], early: true, goal: 'the {goods} for that money',
    forms: ['(one|each) of the {goods} <cost:s> {x} euros', 'the {goods} <be:p> {x} euros each'],
    questions: ['how many {goods} can {S} buy', 'how many {goods} can be bought with (the money|all the euros)'],
  },
  {
    name: 'several of each', subjects: ['each'], numbers: { x: 'groups' }, moves: [['S*x', '{x} {groups} of these']], forms: [], goal: 'the {things} of {x} {groups}',
    questions: ['how many {things} do {x} (of these |){groups} have together', 'how many {things} is that for {x} {groups}'],
  },
]
