/**
 * When the time in which the buyer of a paid order may cancel it ends, as an SQL expression: `o` is the order's row, `c`
 * that of its sale's catalogue.
 */
export const CANCELLABLE_UNTIL = "coalesce(o.revived_at, o.ended_at) + c.cancel_within_seconds * interval '1 second'"
