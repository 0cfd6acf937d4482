import { describe, expect, it } from 'vitest'
import { isConnectionLost, isDataError, isFaultOfPart, isRetriableDatabaseError, sqlState } from './errors.ts'

const postgres = (code: string) => Object.assign(new Error('refused'), { code })
const socket = (code: string) => Object.assign(new Error(`connect ${code}`), { code })

describe('an error of the database', () => {
  it.each([
    ...['08006', '25006', '25P03', '25P04', '40001', '40P01', '53100', '53200', '53300', '53400', '55P03'],
    ...['57014', '57P01', '57P03', '57P05', '58030', '58P01'],
  ])('is retriable when it is %s', (code) => {
    expect(isRetriableDatabaseError(postgres(code))).toBe(true)
  })

  it.each(['23514', '23505', '22021', '25P01', '42P01', '54000', 'XX001'])('is not retriable when it is %s', (code) => {
    expect(isRetriableDatabaseError(postgres(code))).toBe(false)
  })

  it.each([
    ['a refused connection', socket('ECONNREFUSED')],
    ['several refused connections', new AggregateError([socket('ECONNREFUSED')])],
    ['a reset', socket('ECONNRESET')],
    ['a connection that ended during a query', new Error('Connection terminated unexpectedly')],
    ['a shutdown', postgres('57P01')],
    ['an error behind another', new Error('outer', { cause: socket('EPIPE') })],
  ])('is a lost connection, and retriable, when it is %s', (_, error) => {
    expect(isConnectionLost(error)).toBe(true)
    expect(isRetriableDatabaseError(error)).toBe(true)
  })

  it('is not a lost connection when the server rejected the work', () => {
    expect(isConnectionLost(postgres('40P01'))).toBe(false)
    expect(isConnectionLost('nonsense')).toBe(false)
  })

  it.each(['22021', '22P05', '22003', '23502', '23514'])('is the fault of the rows when it is %s', (code) => {
    expect(isDataError(postgres(code))).toBe(true)
  })

  it.each(['08006', '53100', '57014', '40P01', '42501', '42P01'])(
    'is the fault of no part of the work when it is %s: a retry helps, or any work fails',
    (code) => {
      expect(isFaultOfPart(postgres(code))).toBe(false)
    },
  )

  it('is the fault of a part when its data or our code caused it', () => {
    expect(isFaultOfPart(postgres('23514'))).toBe(true)
    expect(isFaultOfPart(new TypeError('bug'))).toBe(true)
  })

  it('has its SQLSTATE read through the wrappers of Prisma, whose own codes and Node’s do not count', () => {
    const wrapped = { code: 'P2034', meta: { driverAdapterError: { cause: { originalCode: '40001' } } } }
    expect(sqlState(wrapped)).toBe('40001')
    expect(isRetriableDatabaseError(wrapped)).toBe(true)
    expect(sqlState(socket('EPIPE'))).toBeUndefined()
    expect(sqlState({ code: 'P2002' })).toBeUndefined()
  })
})
