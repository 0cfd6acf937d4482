import { seededRandom } from '@floodgate/testkit'

/** Creates the run's random numbers. Prints the seed, and `STORY_SEED` repeats it. */
export function createChance(): () => number {
  const seed = Number(process.env.STORY_SEED ?? Math.floor(Math.random() * 2 ** 31))
  process.stderr.write(`Random seed of this run: STORY_SEED=${seed}\n`)
  return seededRandom(seed)
}
