/** Compares ids in the order their letters were set aside: offsets (`12`) and stream ids (`1764380000000-3`) alike. */
export function compareLetterIds(a: string, b: string): number {
  const [aFirst = 0, aSecond = 0] = a.split('-').map(Number)
  const [bFirst = 0, bSecond = 0] = b.split('-').map(Number)
  return aFirst - bFirst || aSecond - bSecond
}
