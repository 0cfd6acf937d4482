import { salePut, waitingRoomRoutes } from '@floodgate/contracts'
import { LANGUAGES } from '@floodgate/texts'
import { z } from 'zod'

const { putSale } = waitingRoomRoutes
const { body } = putSale.request
const json = body.content['application/json']

/** The body of the contract, with a language that has texts here. */
const salePutBody = salePut.extend({
  language: z
    .enum(LANGUAGES.tags)
    .nullable()
    .default(null)
    .describe(salePut.shape.language.description ?? ''),
})

/** The route of the contract, which knows no languages: this one accepts only those with texts. */
export const putSaleRoute = {
  ...putSale,
  request: { ...putSale.request, body: { ...body, content: { 'application/json': { ...json, schema: salePutBody } } } },
}
