import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { firstCosts } from './costs.ts'
import { readCosts } from './read-costs.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'floodgate-costs-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const write = (name: string, result: object) => writeFile(join(directory, `${name}.json`), JSON.stringify(result))
const conditions = { at: '2026-11-21T07:00:00.000Z' }

it('are the first estimates where nothing was measured', async () => {
  expect(await readCosts(join(directory, 'nowhere'))).toEqual(firstCosts)
})

it('are a bench’s measurements, with its name and date', async () => {
  await write('sockets', { conditions, faults: [], details: { sockets: 10_000, kibEach: 9.5, cpuAdmitting: 20 } })
  await write('confirm', {
    conditions,
    faults: [],
    details: { cpuMs: { 'order-core': 1_200, postgres: 600 }, confirmations: { orders: 1_000 } },
  })
  const { socketMemory, socketCpu, orderCpu, orderPostgres, noticeCpu } = await readCosts(directory)
  expect(socketMemory).toMatchObject({ value: 9.5, kind: 'measured', source: '`sockets`, 2026-11-21' })
  expect(socketCpu.value).toBe(20)
  expect([orderCpu.value, orderPostgres.value]).toEqual([1_200, 600])
  expect(noticeCpu).toEqual(firstCosts.noticeCpu)
})

it('ignore a void run, and unknown details', async () => {
  await write('sockets', {
    conditions,
    faults: ['3 sockets were cut'],
    details: { sockets: 1, kibEach: 1, cpuAdmitting: 1 },
  })
  await write('line', { conditions, faults: [], details: { rounds: 'many' } })
  const { socketMemory, pollCpu } = await readCosts(directory)
  expect([socketMemory, pollCpu]).toEqual([firstCosts.socketMemory, firstCosts.pollCpu])
})
