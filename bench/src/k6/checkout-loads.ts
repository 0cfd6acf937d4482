/** Closed loops of admitted buyers, the usual measure of flash-sale shops. */
export interface CheckoutLoad {
  readonly name: string
  readonly about: string
  /** Concurrent buyers, one number after the other in equal parts of the time. */
  readonly loops: readonly number[]
  /** Other buyers, who read the catalogue meanwhile in a closed loop. */
  readonly readers: number
  readonly products: number
  readonly stockOfEach: number
  /** Whether a buyer sees its order confirmed before the next one orders. */
  readonly toTheEnd: boolean
  /** Maximum number of orders; without it as many as the time allows. */
  readonly orders?: number
  /** Required orders per second. */
  readonly ordersPerSecondMin: number
}

export const checkoutLoads: readonly CheckoutLoad[] = [
  {
    name: 'L1',
    about: '30 → 300 buyers, 5,000 products of 100 each',
    loops: [30, 60, 90, 120, 150, 180, 210, 240, 270, 300],
    readers: 0,
    products: 5_000,
    stockOfEach: 100,
    toTheEnd: false,
    ordersPerSecondMin: 630,
  },
  {
    name: 'L2',
    about: '1,000 buyers, and 20 readers of the stock at full speed',
    loops: [1_000, 1_000],
    readers: 20,
    products: 100,
    stockOfEach: 10_000,
    toTheEnd: false,
    ordersPerSecondMin: 361,
  },
  {
    name: 'L3',
    about: '100 buyers, each until the order is paid and confirmed',
    loops: [100, 100],
    readers: 0,
    products: 100,
    stockOfEach: 10_000,
    toTheEnd: true,
    ordersPerSecondMin: 1_000,
  },
  {
    name: 'L4',
    about: '1,000 buyers at once on a stock of 1,000',
    loops: [1_000],
    readers: 0,
    products: 1,
    stockOfEach: 1_000,
    toTheEnd: false,
    orders: 1_000,
    ordersPerSecondMin: 350,
  },
]
