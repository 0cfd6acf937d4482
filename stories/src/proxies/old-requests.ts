import type { System } from '@floodgate/dev/system'
import { z } from 'zod'
import { exchange, newRequest, oldRequest, statusIn } from './raw-request.ts'

const APPS = ['waiting-room', 'order-core', 'payment-worker', 'notifier'] as const
const METHODS = ['GET', 'HEAD', 'OPTIONS'] as const
const PARAMETER = /\{[^}]+\}/g
const document = z.looseObject({ paths: z.record(z.string(), z.unknown()) })

interface OldResponses {
  readonly what: string
  readonly old: number
  readonly now: number
}

/** Returns the responses to HTTP/1.0 without `Host` and to HTTP/1.1, for every path of every port of every app. */
export async function responsesToOldRequests(system: System): Promise<readonly OldResponses[]> {
  return (await Promise.all(APPS.map((app) => responsesOf(system, app)))).flat()
}

async function responsesOf({ ports }: System, app: (typeof APPS)[number]): Promise<readonly OldResponses[]> {
  const [port = 0, opsPort = 0] = [ports.apps[app][0], ports.operations[app][0]]
  const { paths } = document.parse(await (await fetch(`http://127.0.0.1:${opsPort}/openapi.json`)).json())
  const named = Object.keys(paths).map((path) => path.replaceAll(PARAMETER, 'nothing'))
  const ofBuyers = [...named, '/livez', '/', '/sales/nothing', '/console'].map((path) => ({ path, port }))
  const ofOperators = ['/livez', '/readyz', '/metrics', '/openapi.json', '/docs'].map((path) => ({
    path,
    port: opsPort,
  }))
  const found: OldResponses[] = []
  for (const { path, port: each } of [...ofBuyers, ...ofOperators]) {
    const asking = METHODS.map(async (method) => {
      const [old, now] = await Promise.all([
        exchange(each, oldRequest(method, path)),
        exchange(each, newRequest(method, path)),
      ])
      return { what: `${method} ${app} ${path}`, old: statusIn(old), now: statusIn(now) }
    })
    found.push(...(await Promise.all(asking)))
  }
  return found
}
