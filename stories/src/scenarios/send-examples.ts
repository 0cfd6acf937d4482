import { randomUUID } from 'node:crypto'
import { bodyOf, createClient, readResponse } from '@floodgate/client'
import { deadLetterRoutes, orderCoreRoutes, waitingRoomRoutes } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { expect } from 'vitest'
import { z } from 'zod'
import { send, sendTo } from '../client/http.ts'
import type { TestSystem } from '../client/test-system.ts'

const body = z.looseObject({ example: z.unknown() })
const operation = z.looseObject({
  security: z.array(z.record(z.string(), z.unknown())),
  requestBody: z.looseObject({ content: z.looseObject({ 'application/json': body }) }).optional(),
  responses: z.record(z.string(), z.unknown()),
})
const openApi = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), operation)) })

/** One operation with an example of its request. */
interface Example {
  readonly url: string
  readonly name: string
  readonly security: readonly string[]
  readonly example: unknown
  readonly statuses: readonly string[]
}

/** In this order the examples form a sale, and each gets its documented response. The others may be rejected. */
const MEANT_TO_SUCCEED = [
  'PUT /admin/sales/{sale}',
  'PUT /admin/sales/{sale}/catalogue',
  'PUT /admin/sales/{sale}/vouchers/{campaign}',
  'POST /admin/sales/{sale}/open',
  'POST /sales/{sale}/tickets',
  'POST /sales/{sale}/vouchers/{campaign}',
  'POST /orders',
  'POST /admin/sales/{sale}/pause',
  'POST /admin/sales/{sale}/resume',
  'POST /admin/sales/{sale}/close',
  'POST /admin/sales/{sale}/reopen',
  'POST /admin/erasures',
  'POST /admin/mails/retry',
  'POST /admin/dead-letters/{group}/replay',
  'POST /admin/dead-letters/{group}/drop',
]
const SALE = 'demo'

/** Sends the request examples of all four documents, unchanged, to the running apps. */
export async function sendExamples({ system }: TestSystem): Promise<void> {
  const { urls, adminToken } = system
  const apps = ['waitingRoom', 'orderCore', 'paymentWorker', 'notifier'] as const
  const examples = (await Promise.all(apps.map((app) => readExamples(urls[app], urls.operations[app])))).flat()
  const named = new Set(examples.map(({ name }) => name))
  expect(MEANT_TO_SUCCEED.filter((name) => !named.has(name))).toEqual([])
  const tokens: Record<string, string> = { operator: adminToken }
  let order: string = randomUUID()

  async function sendExample({ url, name, security, example, statuses }: Example): Promise<void> {
    const [method = '', template = ''] = name.split(' ')
    const scheme = security.find((each) => tokens[each] !== undefined)
    const values: Record<string, string> = { sale: SALE, id: order, group: await groupOf(url, adminToken) }
    const path = template.replace(/\{(\w+)\}/g, (_, parameter: string) => values[parameter] ?? parameter)
    const headers = {
      'idempotency-key': randomUUID(),
      ...(scheme === undefined ? {} : { authorization: `Bearer ${tokens[scheme]}` }),
    }
    const response = await send(method, `${url}${path}`, { headers, body: example })
    const message = `${response.request} answered ${response.status}: ${response.text}`
    expect(statuses, message).toContain(String(response.status))
    if (MEANT_TO_SUCCEED.includes(name)) expect(response.status, message).toBeLessThan(300)
    if (name === 'POST /sales/{sale}/tickets') {
      const { ticket } = await bodyOf(readResponse(waitingRoomRoutes.join, response))
      tokens.ticket = ticket
      tokens.admission = await admissionOf(url, ticket)
    }
    if (name === 'POST /orders') order = (await bodyOf(readResponse(orderCoreRoutes.placeOrder, response))).id
  }

  const orderly = MEANT_TO_SUCCEED.flatMap((name) => examples.filter((each) => each.name === name))
  for (const each of orderly) await sendExample(each)
  for (const each of examples) if (!MEANT_TO_SUCCEED.includes(each.name)) await sendExample(each)
}

async function readExamples(url: string, opsUrl: string): Promise<Example[]> {
  const { paths } = openApi.parse(JSON.parse((await send('GET', `${opsUrl}/openapi.json`)).text))
  return Object.entries(paths).flatMap(([template, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody, security, responses }]) => {
      if (requestBody === undefined) return []
      const { example } = requestBody.content['application/json']
      const name = `${method.toUpperCase()} ${template}`
      expect(example, `an example of ${name}`).toBeDefined()
      const schemes = security.flatMap((each) => Object.keys(each))
      return [{ url, name, security: schemes, example, statuses: Object.keys(responses) }]
    }),
  )
}

async function groupOf(url: string, adminToken: string): Promise<string> {
  const { groups } = await bodyOf(
    createClient(deadLetterRoutes, { send: sendTo([url]), adminToken }).countDeadLetters(),
  )
  return groups[0]?.group ?? 'none.at-all'
}

async function admissionOf(url: string, bearer: string): Promise<string> {
  const rooms = createClient(waitingRoomRoutes, { send: sendTo([url]) })
  return await eventually(async () => {
    const status = await bodyOf(rooms.poll({ params: { sale: SALE }, bearer }))
    if (status.state !== 'admitted') throw new Error(`the buyer is ${status.state}`)
    return status.admission
  })
}
