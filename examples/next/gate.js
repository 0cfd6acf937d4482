import { createGate } from '@floodgate/admission'

const { QUEUE_URL = 'http://localhost:7100', SALE = 'shop' } = process.env

export const gate = createGate({ queueUrl: QUEUE_URL, sale: SALE })
