import type { Reply } from './replay.ts'
import type { State } from './state.ts'

/** One possible outcome of an effect. */
export interface Outcome {
  readonly words: string
  readonly byItself: boolean
  readonly reply: Reply
}

/** Includes the changes outside its process. */
export interface Happening extends Outcome {
  change(state: State): State
}
