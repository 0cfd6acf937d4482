import { joinAnswer } from '@floodgate/contracts'

const AT_ONCE = 50

/** Lets buyers join over HTTP and answers their tickets, first come first. */
export async function fillByJoining(
  waitingRoom: string,
  { sale, buyers }: { readonly sale: string; readonly buyers: number },
): Promise<readonly string[]> {
  const tickets: string[] = []
  while (tickets.length < buyers) {
    const answers = await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, buyers - tickets.length) }, async () => {
        const answer = await fetch(`${waitingRoom}/sales/${sale}/tickets`, { method: 'POST' })
        return joinAnswer.parse(await answer.json())
      }),
    )
    tickets.push(...answers.map(({ ticket }) => ticket))
  }
  return tickets
}
