// A suite: tasks from a seed, the tools and the environment they are worked in, an exact scorer, an expert, and what a student is told.
import type { AgentLimits, AgentStyleName } from '../../shared/records/episode.ts'
import type { ExpertSettings, SuiteName, SuiteTask, TaskPlace } from '../../shared/records/suite.ts'
import type { Outcome, Tool } from '../../shared/records/trajectory.ts'
import type { Decision, Episode, Kit } from '../agent/index.ts'

export type Article = { readonly title: string; readonly text: string }

/** Tools that the core cannot make itself. */
export type SuiteTools = {
  /** `search[query]` and `lookup[text]` over articles (BM25). The same array is indexed once. */
  search(articles: readonly Article[]): Kit
  /** The articles that the search would give, best first, at most `most`. */
  nearest(articles: readonly Article[], query: string, most: number): readonly Article[]
  /** `sql[query]` over the database that the script makes; `write`: the episode's own copy may be changed. */
  sql(options: { readonly script: string; readonly access: 'read' | 'write' }): Kit
  /** Runs JavaScript without effects; its answer is what it prints. */
  code(): Kit
}

/** A step of the agent that is over: the calls as they were read, and what was observed. */
export type PastStep = { readonly text: string; readonly calls: readonly { readonly name: string; readonly argument: string }[]; readonly observations: readonly string[] }

/**
 * An expert solves its task by what an agent can know: the question and the observations so far, never by what the environment
 * hides. The same steps give the same decision, so that it can be asked by a server that remembers nothing.
 */
export type Expert = { next(steps: readonly PastStep[]): ExpertMove }

/** `mistake`: a slip that the expert makes on purpose, to mend it in the next step; training may give it weight 0. */
export type ExpertMove = Decision & { readonly mistake?: true }

/** Settings that a suite has no use for do nothing. `style`: how the calls will be written, the suite's own when absent. */
export type ExpertOptions = { readonly [Name in keyof ExpertSettings]?: ExpertSettings[Name] | undefined } & { readonly style?: AgentStyleName }

/** A task with all that belongs to it. */
export type Problem = {
  readonly task: SuiteTask
  /** The tools of one episode, its environment among them. `style`: the suite's own when absent; code actions may want other tools. */
  kits(tools: SuiteTools, style?: AgentStyleName): readonly Kit[]
  /** By the episode's end and answer; `success` is never null. */
  score(episode: Episode): Outcome
  /** Right or wrong of an answer in words; null where only acting counts. */
  scoreAnswer: ((answer: string) => boolean) | null
  /** `seed` varies the words and, where there are several ways, the way; null: a task from outside, without an expert. */
  expert: ((seed: number, options?: ExpertOptions) => Expert) | null
  /** A worked solution in words without tools that ends with a line "Answer: ...", for chain-of-thought distillation; null: cannot be solved without acting. */
  rationale: ((seed: number) => string) | null
  /** Passages that a retrieval would put before the question; null: the suite has none. */
  retrieve: ((tools: SuiteTools) => Promise<readonly Article[]>) | null
}

/** `what`: in words. `of`: equal for questions that are as good as the same; null for a text that is no question of the suite. */
export type Likeness = { readonly what: string; readonly of: (question: string) => string | null }

export type Suite = {
  readonly name: SuiteName
  readonly title: string
  /** One or two sentences for a person: what the tasks are, how train, held-out and ood differ. */
  readonly summary: string
  readonly families: { readonly train: readonly string[]; readonly ood: readonly string[] }
  readonly style: AgentStyleName
  /** In which its tools can be called and its answer be handed in. */
  readonly styles: readonly AgentStyleName[]
  /** Of an episode, where nothing else is asked for. */
  readonly limits: Pick<AgentLimits, 'steps' | 'turnTokens'>
  /** How the expert teaches the students of a ladder, where small ones learn more from that (docs/results); absent: as it does by itself. */
  readonly ladderExpert?: Partial<ExpertSettings>
  /** The short system message that a student is trained and served with (prompt distillation). */
  studentPrompt(tools: readonly Tool[]): string
  /** The long one for a teacher that is a model: rules, and a worked example. */
  teacherPrompt(tools: readonly Tool[]): string
  /** System message for chain of thought without tools; null: the suite has no such form. */
  readonly cotPrompt: string | null
  /** Different tasks of a split by one seed; absent: without end. */
  readonly count?: (split: TaskPlace['split']) => number
  /** What of a question may not be in training, where the words of questions recur. Absent: words decide. */
  readonly likeness?: Likeness
  /** Throws RetortError `no-such-task` behind the last. */
  problem(place: TaskPlace): Problem
  /** A task from outside (a dataset's question and answer) worked with this suite's tools; null where none fits. `articles`: what comes with it to be searched. */
  foreign: ((given: { readonly question: string; readonly answer: string; readonly id: string; readonly articles?: readonly Article[] }) => Problem) | null
}
