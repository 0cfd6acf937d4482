import { salePut, waitingRoomRoutes } from '@floodgate/contracts'
import { LANGUAGES } from '@floodgate/texts'
import { z } from 'zod'

const { putSale } = waitingRoomRoutes
const { body } = putSale.request
const json = body.content['application/json']

/** As in the contract, with a language that there are texts in. */
const salePutBody = salePut.extend({
  language: z
    .enum(LANGUAGES.tags)
    .nullable()
    .default(null)
    .describe(salePut.shape.language.description ?? ''),
})

/** The contract knows no languages: this route takes only those that there are texts in. */
export const putSaleRoute = {
  ...putSale,
  request: { ...putSale.request, body: { ...body, content: { 'application/json': { ...json, schema: salePutBody } } } },
}
