/** A value, or the promise of one: what is known already costs no turn of the event loop. */
export type MaybePromise<Value> = Value | Promise<Value>

/** Continues with the value: at once when it is there, else when it is. */
export function andThen<Value, Result>(
  value: MaybePromise<Value>,
  next: (value: Value) => MaybePromise<Result>,
): MaybePromise<Result> {
  return value instanceof Promise ? value.then(next) : next(value)
}
