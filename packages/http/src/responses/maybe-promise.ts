/** A value, or the promise of one. A known value costs no turn of the event loop. */
export type MaybePromise<Value> = Value | Promise<Value>

/** Continues with the value: at once if it is known, else when the promise resolves. */
export function andThen<Value, Result>(
  value: MaybePromise<Value>,
  next: (value: Value) => MaybePromise<Result>,
): MaybePromise<Result> {
  return value instanceof Promise ? value.then(next) : next(value)
}
