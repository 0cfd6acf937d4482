const delayMsMin = 500
const delayMsMax = 5_000

/** Doubles from half a second to five; the upper half is random, so that a provider that comes back isn't met by all at once. */
export const backOffMs = (tries: number, random: number): number => {
  const ceiling = Math.min(delayMsMin * 2 ** Math.min(tries, 10), delayMsMax)
  return Math.round(ceiling / 2 + (ceiling / 2) * random)
}
