/**
 * Returns a buyer's intent: 30 % buy, 10 % leave the line, 5 % pay with a card that is declined, the others only look
 * around. Evenly mixed and the same in every run.
 */
export function intentOf(number) {
  const share = (number * 37) % 100
  if (share < 30) return 'buy'
  if (share < 40) return 'leave'
  if (share < 45) return 'be-declined'
  return 'look'
}
