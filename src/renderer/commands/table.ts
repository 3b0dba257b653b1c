// All commands of the app with their keys out of the box: what can be remapped, and what no two commands of a screen share.
import type { Texts } from '../i18n/index.ts'
import { SCREENS } from '../app/screens.ts'
import type { CommandSpec } from './registry.ts'

/** `hidden`: on the sheet of keys, not in the palette (moving a cursor). */
type Row = { readonly title: string; readonly keys?: readonly string[]; readonly icon?: string; readonly hidden?: true; readonly everywhere?: true; readonly inDialog?: true }

/** Rows of one screen as specs. */
const section = <Id extends string>(name: string, rows: Readonly<Record<Id, Row>>): Record<Id, CommandSpec> =>
  Object.fromEntries(Object.entries<Row>(rows).map(([id, row]) => [id, { id, section: name, ...row }])) as Record<Id, CommandSpec>

type ScreenCommand = `go.${(typeof SCREENS)[number]['name']}`

function frame(text: Texts) {
  const { app } = text
  const screens: Partial<Record<ScreenCommand, Row>> = {}
  for (const { name, icon, key } of SCREENS) screens[`go.${name}`] = { title: text[name].title, icon, keys: [key], everywhere: true }
  return {
    ...section(app.general, {
      'app.palette': { title: app.palette, keys: ['mod+k'], hidden: true, everywhere: true },
      'app.keys': { title: app.keys, icon: 'i-lucide-keyboard', keys: ['?'] },
      'app.theme': { title: app.theme, icon: 'i-lucide-sun-moon' },
    }),
    ...section(app.navigation, screens as Record<ScreenCommand, Row>),
    ...section(app.project, {
      'project.open': { title: app.openProject, icon: 'i-lucide-folder-open', keys: ['mod+o'] },
      'project.new': { title: app.newProject, icon: 'i-lucide-folder-plus' },
      'project.sample': { title: app.sampleProject, icon: 'i-lucide-sparkles' },
    }),
  }
}

function list(text: Texts) {
  const { keys, title, undo, redo } = text.trajectories
  return section(title, {
    'list.next': { title: keys.next, keys: ['j', 'down'], hidden: true },
    'list.previous': { title: keys.previous, keys: ['k', 'up'], hidden: true },
    'list.first': { title: keys.first, keys: ['home'], hidden: true },
    'list.last': { title: keys.last, keys: ['end'], hidden: true },
    'list.open': { title: keys.open, keys: ['enter'] },
    'list.select': { title: keys.select, keys: ['x', 'space'], hidden: true },
    'list.all': { title: keys.all, keys: ['mod+a'] },
    'list.none': { title: keys.none, keys: ['esc'] },
    'list.search': { title: keys.search, icon: 'i-lucide-search', keys: ['/', 'mod+f'] },
    'list.accept': { title: keys.accept, icon: 'i-lucide-circle-check', keys: ['a'] },
    'list.reject': { title: keys.reject, icon: 'i-lucide-circle-x', keys: ['r'] },
    'list.import': { title: keys.import, icon: 'i-lucide-file-input', keys: ['i'] },
    'list.undo': { title: undo, icon: 'i-lucide-undo-2', keys: ['mod+z'] },
    'list.redo': { title: redo, icon: 'i-lucide-redo-2', keys: ['mod+shift+z', 'mod+y'] },
  })
}

function editor(text: Texts) {
  const { commands: words, sections } = text.editor
  return {
    ...section(sections.move, {
      'editor.nextSpan': { title: words.nextSpan, keys: ['j', 'down'], hidden: true },
      'editor.previousSpan': { title: words.previousSpan, keys: ['k', 'up'], hidden: true },
      'editor.nextTurn': { title: words.nextTurn, keys: ['shift+j'], hidden: true },
      'editor.previousTurn': { title: words.previousTurn, keys: ['shift+k'], hidden: true },
      'editor.nextStep': { title: words.nextStep, keys: ['l'], hidden: true },
      'editor.previousStep': { title: words.previousStep, keys: ['h'], hidden: true },
      'editor.nextGuess': { title: words.nextGuess, keys: ['.'], hidden: true },
      'editor.previousGuess': { title: words.previousGuess, keys: [','], hidden: true },
      'editor.first': { title: words.first, keys: ['home'], hidden: true },
      'editor.last': { title: words.last, keys: ['end'], hidden: true },
      'editor.caretRight': { title: words.caretRight, keys: ['right'], hidden: true },
      'editor.caretLeft': { title: words.caretLeft, keys: ['left'], hidden: true },
      'editor.selectRight': { title: words.selectRight, keys: ['shift+right'], hidden: true },
      'editor.selectLeft': { title: words.selectLeft, keys: ['shift+left'], hidden: true },
      'editor.dropCaret': { title: words.dropCaret, keys: ['esc'], hidden: true },
    }),
    ...section(sections.span, {
      'editor.reason': { title: words.reason, keys: ['1'] },
      'editor.act': { title: words.act, keys: ['2'] },
      'editor.final': { title: words.final, keys: ['3'] },
      'editor.split': { title: words.split, keys: ['s'] },
      'editor.merge': { title: words.merge, keys: ['m'] },
      'editor.mergePrevious': { title: words.mergePrevious, keys: ['shift+m'] },
      'editor.endLeft': { title: words.endLeft, keys: ['['], hidden: true },
      'editor.endRight': { title: words.endRight, keys: [']'], hidden: true },
      'editor.startLeft': { title: words.startLeft, keys: ['{'], hidden: true },
      'editor.startRight': { title: words.startRight, keys: ['}'], hidden: true },
      'editor.granularity': { title: words.granularity, keys: ['c'] },
    }),
    ...section(sections.step, {
      'editor.good': { title: words.good, keys: ['g'], icon: 'i-lucide-check' },
      'editor.unnecessary': { title: words.unnecessary, keys: ['u'], icon: 'i-lucide-minus' },
      'editor.mistake': { title: words.mistake, keys: ['x'], icon: 'i-lucide-x' },
      'editor.recover': { title: words.recover, keys: ['r'], icon: 'i-lucide-rotate-ccw' },
      'editor.ask': { title: text.asking.here, keys: ['q'], icon: 'i-lucide-graduation-cap' },
    }),
    ...section(sections.turn, {
      'editor.edit': { title: words.edit, keys: ['e'] },
      'editor.compare': { title: words.compare, keys: ['d'] },
      'editor.reset': { title: words.reset, keys: ['shift+d'] },
      'editor.unfold': { title: words.unfold, keys: ['v'] },
    }),
    ...section(sections.whole, {
      'editor.accept': { title: words.accept, keys: ['mod+enter', 'a'] },
      'editor.reject': { title: words.reject, keys: ['mod+backspace', 'shift+x'] },
      'editor.backToNew': { title: words.backToNew, keys: ['shift+n'] },
      'editor.note': { title: words.note, keys: ['n'] },
      'editor.tag': { title: words.tag, keys: ['#', 'shift+t'] },
      'editor.undo': { title: words.undo, keys: ['mod+z'] },
      'editor.redo': { title: words.redo, keys: ['mod+shift+z', 'mod+y'] },
      'editor.nextTrajectory': { title: words.nextTrajectory, keys: ['shift+l'] },
      'editor.previousTrajectory': { title: words.previousTrajectory, keys: ['shift+h'] },
    }),
    ...section(sections.view, {
      'editor.tokens': { title: words.tokens, keys: ['t'] },
      'editor.history': { title: words.history, keys: ['y'] },
      'editor.findings': { title: words.findings, keys: ['f'] },
    }),
  }
}

function curriculum(text: Texts) {
  const { curriculum: words } = text
  const { keys } = words
  return section(words.title, {
    'curriculum.next': { title: keys.next, keys: ['j', 'down'], hidden: true },
    'curriculum.previous': { title: keys.previous, keys: ['k', 'up'], hidden: true },
    'curriculum.fold': { title: keys.fold, keys: ['esc'], hidden: true },
    'curriculum.up': { title: keys.up, keys: ['alt+up', 'shift+k'] },
    'curriculum.down': { title: keys.down, keys: ['alt+down', 'shift+j'] },
    'curriculum.add': { title: words.addStage, icon: 'i-lucide-plus', keys: ['a'] },
    'curriculum.duplicate': { title: keys.duplicate, icon: 'i-lucide-copy-plus', keys: ['d'] },
    'curriculum.remove': { title: words.removeStage, icon: 'i-lucide-trash-2', keys: ['delete'] },
    'curriculum.propose': { title: keys.propose, icon: 'i-lucide-wand-sparkles', keys: ['p'] },
    'curriculum.saved': { title: keys.saved, icon: 'i-lucide-folder-open', keys: ['o'] },
    'curriculum.save': { title: keys.save, icon: 'i-lucide-save', keys: ['mod+s'], everywhere: true },
    'curriculum.undo': { title: words.undo, icon: 'i-lucide-undo-2', keys: ['mod+z'] },
    'curriculum.redo': { title: words.redo, icon: 'i-lucide-redo-2', keys: ['mod+shift+z', 'mod+y'] },
    'curriculum.start': { title: words.start, icon: 'i-lucide-play', keys: ['mod+enter'], everywhere: true },
  })
}

function train(text: Texts) {
  const { train: words } = text
  return section(words.title, {
    'train.new': { title: words.newRun, icon: 'i-lucide-plus', keys: ['n'] },
    'train.next': { title: words.nextRun, keys: ['j'], hidden: true },
    'train.previous': { title: words.previousRun, keys: ['k'], hidden: true },
    'train.compare': { title: words.compareHint, keys: ['c'] },
    'train.start': { title: words.start, icon: 'i-lucide-play', keys: ['mod+enter'], everywhere: true },
    'train.pause': { title: words.pauseOrGoOn, icon: 'i-lucide-pause', keys: ['p'] },
    'train.stop': { title: words.stop, icon: 'i-lucide-square', keys: ['shift+s'] },
    'train.resume': { title: words.resume, icon: 'i-lucide-play', keys: ['shift+r'] },
    'train.discard': { title: words.discard, icon: 'i-lucide-trash-2' },
  })
}

const teacher = ({ teacher: { title, keys } }: Texts) =>
  section(title, {
    'teacher.new': { title: keys.new, icon: 'i-lucide-plus', keys: ['n'] },
    'teacher.next': { title: keys.next, keys: ['j'], hidden: true },
    'teacher.previous': { title: keys.previous, keys: ['k'], hidden: true },
    'teacher.start': { title: keys.start, icon: 'i-lucide-play', keys: ['mod+enter'], everywhere: true },
    'teacher.resume': { title: keys.goOn, icon: 'i-lucide-play', keys: ['shift+r'] },
  })

const evaluate = ({ evaluate: { title, keys } }: Texts) =>
  section(title, {
    'evaluate.new': { title: keys.new, icon: 'i-lucide-plus', keys: ['n'] },
    'evaluate.next': { title: keys.next, keys: ['j'], hidden: true },
    'evaluate.previous': { title: keys.previous, keys: ['k'], hidden: true },
    'evaluate.start': { title: keys.start, icon: 'i-lucide-play', keys: ['mod+enter'], everywhere: true },
  })

/** Of the panel beside a list of episodes. */
const episode = ({ teacher: { episode: title }, editor: { commands: words } }: Texts) =>
  section(title, {
    'episode.nextTurn': { title: words.nextTurn, keys: ['j'], hidden: true, inDialog: true },
    'episode.previousTurn': { title: words.previousTurn, keys: ['k'], hidden: true, inDialog: true },
    'episode.nextStep': { title: words.nextStep, keys: ['l'], hidden: true, inDialog: true },
    'episode.previousStep': { title: words.previousStep, keys: ['h'], hidden: true, inDialog: true },
  })

const chat = ({ chat: { title, keys } }: Texts) =>
  section(title, {
    'chat.focus': { title: keys.focus, keys: ['e', '/'] },
    'chat.stop': { title: keys.stop, icon: 'i-lucide-square', keys: ['esc'], everywhere: true },
    'chat.new': { title: keys.new, icon: 'i-lucide-message-square-plus', keys: ['mod+shift+n', 'alt+n'], everywhere: true },
    'chat.again': { title: keys.regenerate, icon: 'i-lucide-rotate-cw', keys: ['r'] },
  })

const models = ({ models: words }: Texts) =>
  section(words.title, { 'models.add': { title: words.add, icon: 'i-lucide-plus', keys: ['mod+shift+o'] } })

export const commandTable = (text: Texts) => ({ ...frame(text), ...list(text), ...editor(text), ...teacher(text), ...curriculum(text), ...train(text), ...evaluate(text), ...episode(text), ...chat(text), ...models(text) })

export type CommandId = keyof ReturnType<typeof commandTable>

/** Commands with the same beginning of their id are on one screen; those of the frame are on all. */
export const screenOf = (id: string): string => (/^(app|go|project)\./.test(id) ? '' : id.slice(0, id.indexOf('.')))
