import { seededRandom } from '@floodgate/testkit'

/** Creates the run's random numbers; the seed is printed, and `STORY_SEED` repeats it. */
export function createChance(): () => number {
  const seed = Number(process.env.STORY_SEED ?? Math.floor(Math.random() * 2 ** 31))
  process.stderr.write(`Chance of this run: STORY_SEED=${seed}\n`)
  return seededRandom(seed)
}
