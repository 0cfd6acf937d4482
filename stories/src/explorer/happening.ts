import type { Answer } from './replay.ts'
import type { World } from './world.ts'

/** One way in which an effect may come out. */
export interface Outcome {
  readonly words: string
  readonly byItself: boolean
  readonly answer: Answer
}

/** With what it changes outside of its process. */
export interface Happening extends Outcome {
  change(world: World): World
}
