import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { createGate, type Gate } from '@floodgate/admission'
import * as forExpress from '@floodgate/admission/express'
import * as forFetch from '@floodgate/admission/fetch'
import * as forHono from '@floodgate/admission/hono'
import express from 'express'
import { Hono } from 'hono'
import type { Contender } from './alternate.ts'

export const FRAMEWORKS = ['Hono', 'Express', 'fetch'] as const
export type FrameworkName = (typeof FRAMEWORKS)[number]

/** Returns the name of a contender. */
export function handlerName(framework: FrameworkName, isGated: boolean): string {
  return `${framework} ${isGated ? 'with' : 'without'} the gate`
}

const URL_OF_SHOP = 'https://shop.example/catalogue/headphones?page=2'
const HEADERS = {
  host: 'shop.example',
  accept: 'text/html',
  cookie: 'session=0123456789abcdef; theme=dark',
  'sec-fetch-mode': 'navigate',
}

/**
 * Prepares handlers that respond to a path which the gate does not protect: of each framework one with the gate and one
 * without it, called in this process. Each throws when something other than the shop responds.
 */
export function prepareHandlers(): readonly Contender[] {
  const protect = ({ path }: { readonly path: string }) => path.startsWith('/checkout')
  const gate = createGate({ queueUrl: 'https://queue.example', sale: 'demo', protect })
  return FRAMEWORKS.flatMap((framework) => [
    repeated(handlerName(framework, false), HANDLERS[framework](undefined)),
    repeated(handlerName(framework, true), HANDLERS[framework](gate)),
  ])
}

type Call = () => Promise<number>

const HANDLERS: Readonly<Record<FrameworkName, (gate: Gate | undefined) => Call>> = {
  Hono: (gate) => {
    const app = new Hono()
    if (gate !== undefined) app.use(forHono.floodgate(gate))
    app.get('*', (c) => c.body(null, 204))
    return async function callHono() {
      return (await app.fetch(new Request(URL_OF_SHOP, { headers: HEADERS }))).status
    }
  },
  Express: (gate) => {
    const app = express()
    if (gate !== undefined) app.use(forExpress.floodgate(gate))
    let served = (_status: number): void => undefined
    app.use((_, response) => served(response.statusCode))
    return function callExpress() {
      const request = Object.assign(new IncomingMessage(new Socket()), { url: '/catalogue/headphones?page=2' })
      Object.assign(request, { method: 'GET', headers: HEADERS })
      const response = new ServerResponse(request)
      response.statusCode = 204
      return new Promise((resolve) => {
        served = resolve
        app(request, response)
      })
    }
  },
  fetch: (gate) => {
    const page = () => new Response(null, { status: 204 })
    const handler = gate === undefined ? page : forFetch.floodgate(gate, page)
    return async function callFetch() {
      return (await handler(new Request(URL_OF_SHOP, { headers: HEADERS }))).status
    }
  },
}

const repeated = (name: string, call: Call): Contender => ({
  name,
  work: async (times) => {
    for (let done = 0; done < times; done += 1) if ((await call()) !== 204) throw new Error(`${name}: not the shop.`)
  },
})
