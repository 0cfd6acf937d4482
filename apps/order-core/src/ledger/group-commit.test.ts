import { expect, it } from 'vitest'
import { createGroupCommit } from './group-commit.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A group commit whose statements end when the test says so. */
function createSteps(queueMax = 10) {
  const seen: string[] = []
  const statements: PromiseWithResolvers<ReadonlyMap<string, string>>[] = []
  const ledger = createGroupCommit<{ id: string; sale: string }, string>({
    ...{ batchMax: 2, queueMax },
    onBatch: () => undefined,
    commit(batch) {
      seen.push(`sent ${batch.map(({ id }) => id).join(' ')}`)
      const statement = Promise.withResolvers<ReadonlyMap<string, string>>()
      statements.push(statement)
      return statement.promise
    },
  })
  async function submit(id: string): Promise<void> {
    const submitted = await ledger.submit({ id, sale: 'demo' })
    const outcome = submitted.kind === 'committed' ? submitted.outcome : submitted.kind
    seen.push(`${id} ${typeof outcome === 'string' ? outcome : outcome.kind}`)
  }
  return { seen, statements, ledger, submit }
}

it('sends the next batch before it passes on the outcomes of the one before', async () => {
  const { seen, statements, ledger, submit } = createSteps()
  const submitted = Promise.all(['a', 'b', 'c'].map(submit))
  await turn()
  expect(seen).toEqual(['sent a b'])
  const joined = submit('d')
  statements[0]?.resolve(new Map([['a', 'written']]))
  await turn()
  expect(seen).toEqual(['sent a b', 'sent c d', 'a written', 'b unknown'])
  statements[1]?.reject(new Error('away'))
  await Promise.all([submitted, joined])
  expect(seen.slice(4)).toEqual(['c unknown', 'd unknown'])
  expect(ledger.size()).toBe(0)
})

it('an item that comes twice shares the outcome, and one that comes after it is written again', async () => {
  const { seen, statements, submit } = createSteps()
  const both = Promise.all(['a', 'a'].map(submit))
  await turn()
  statements[0]?.resolve(new Map([['a', 'written']]))
  await both
  const again = submit('a')
  await turn()
  statements[1]?.resolve(new Map([['a', 'existing']]))
  await again
  expect(seen).toEqual(['sent a', 'a written', 'a written', 'sent a', 'a existing'])
})

it('a full queue takes no more, and a stop waits for what is in it', async () => {
  const { seen, statements, ledger, submit } = createSteps(1)
  const inside = submit('a')
  await submit('b')
  await turn()
  const stopped = ledger.stop().then(() => seen.push('stopped'))
  await submit('c')
  statements[0]?.resolve(new Map([['a', 'written']]))
  await Promise.all([inside, stopped])
  expect(seen).toEqual(['b busy', 'sent a', 'c busy', 'a written', 'stopped'])
})
